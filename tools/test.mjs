/**
 * `npm test`: prepares the checkout, checks format, lint, import directions and types, makes sure that the servers are
 * there, then runs every Jest project. The last line is the sum: `N passed, N failed`.
 */
import { requireNode } from './prepare/node-version.mjs';

requireNode(20);
const { buildWhenStale } = await import('./prepare/build.mjs');
const { installDependencies } = await import('./prepare/dependencies.mjs');
const { step } = await import('./prepare/progress.mjs');
const { bin, node24, run } = await import('./prepare/run.mjs');
const { runJest } = await import('./prepare/jest.mjs');

const total = { passed: 0, failed: 0 };

function end() {
  process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`, () =>
    process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0),
  );
}

/** A check counts as one failed test when it fails, and as none when it passes. */
async function check(title, work) {
  try {
    await work();
    process.stdout.write(`ok: ${title}\n`);
    return true;
  } catch (error) {
    process.stdout.write(`FAILED: ${title}\n${error.message}\n`);
    total.failed += 1;
    return false;
  }
}

async function command(title, args) {
  const { code, output } = await step(title, (onLine) => run(node24, args, { onLine }));
  if (code !== 0) throw new Error(output.trimEnd());
}

if (!(await check('dependencies', installDependencies))) end();
else {
  await check('format', () => command('checking the format', [bin('prettier'), '--check', '.']));
  await check('lint', () => command('linting', [bin('eslint'), '.', '--max-warnings', '0']));
  await check('import directions', () =>
    command('checking import directions', [
      bin('depcruise'),
      ...['--config', '.dependency-cruiser.mjs', 'libs', 'activities', 'workflows', 'services'],
    ]),
  );
  const built = await check('types and build', buildWhenStale);
  // Before the tests, so that building a server does not eat into the time of one.
  const servers =
    built &&
    (await check('servers', () =>
      command('finding or building Temporal and Vault', ['services/cli/dist/main.js', 'toolchain']),
    ));
  // Without servers only what needs none can run; the missing ones count as failed above.
  for (const project of servers ? ['unit', 'replay', 'int', 'e2e'] : ['unit']) {
    const { passed, failed } = await runJest(project);
    total.passed += passed;
    total.failed += failed;
  }
  end();
}
