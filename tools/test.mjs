/**
 * `npm test`: prepares the checkout, checks format, lint, import directions and types, makes sure that the servers are
 * there, then runs every Jest project. The last line is the sum: `N passed, N failed`. For people:
 * `npm test -- --only unit,int` builds and runs these Jest projects, without the checks of the text.
 */
import { requireNode } from './prepare/node-version.mjs';

requireNode(20);
const { buildWhenStale } = await import('./prepare/build.mjs');
const { installDependencies } = await import('./prepare/dependencies.mjs');
const { ensureBrowser } = await import('./prepare/browser.mjs');
const { step } = await import('./prepare/progress.mjs');
const { bin, node24, run } = await import('./prepare/run.mjs');
const { runJest } = await import('./prepare/jest.mjs');

const PROJECTS = ['unit', 'replay', 'int', 'e2e'];
const SERVER_PROJECTS = ['int', 'e2e'];
const total = { passed: 0, failed: 0 };

function end() {
  process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`, () =>
    process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0),
  );
}

/** A check counts as one test. */
async function check(title, work) {
  try {
    await work();
    total.passed += 1;
    process.stdout.write(`ok: ${title}\n`);
    return true;
  } catch (error) {
    process.stdout.write(`FAILED: ${title}\n${error.message}\n`);
    total.failed += 1;
    return false;
  }
}

/** The Jest projects to run; undefined when the arguments cannot be understood. */
function chooseProjects(args) {
  const rest = args.filter((arg) => arg !== '--verbose');
  if (rest.length === 0) return PROJECTS;
  const names = rest.length === 2 && rest[0] === '--only' ? rest[1].split(',') : [];
  const known = names.length > 0 && names.every((name) => PROJECTS.includes(name));
  return known ? PROJECTS.filter((name) => names.includes(name)) : undefined;
}

async function command(title, args) {
  const { code, output } = await step(title, (onLine) => run(node24, args, { onLine }));
  if (code !== 0) throw new Error(output.trimEnd());
}

async function checkText() {
  await check('format', () => command('checking the format', [bin('prettier'), '--check', '.']));
  await check('lint', () => command('linting', [bin('eslint'), '.', '--max-warnings', '0']));
  await check('import directions', () =>
    command('checking import directions', [
      bin('depcruise'),
      ...['--config', '.dependency-cruiser.mjs', 'libs', 'activities', 'workflows', 'services'],
    ]),
  );
}

/** Before the tests, so that building a server or fetching a browser does not eat into the time of one. */
async function findServers(projects) {
  const found = await check('servers', () =>
    command('finding or building Temporal and Vault', ['services/cli/bin/ecluse.mjs', 'toolchain']),
  );
  if (projects.includes('e2e')) await check('browser', ensureBrowser);
  return found;
}

async function test(projects) {
  if (!(await check('dependencies', installDependencies))) return;
  const built = await check('types and build', buildWhenStale);
  if (projects === PROJECTS) await checkText();
  const needServers = projects.some((project) => SERVER_PROJECTS.includes(project));
  const ready = built && (!needServers || (await findServers(projects)));
  for (const project of projects) {
    // Without build or servers only what needs none can run; what is missing was counted as failed above.
    if (!ready && SERVER_PROJECTS.includes(project)) continue;
    const { passed, failed } = await runJest(project);
    total.passed += passed;
    total.failed += failed;
  }
}

const chosen = chooseProjects(process.argv.slice(2));
if (chosen === undefined) {
  process.stderr.write(`usage: npm test -- [--verbose] [--only ${PROJECTS.join(',')}]\n`);
  process.exit(2);
}
await test(chosen);
end();
