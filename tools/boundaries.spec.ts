import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '..');

/** An illegal import per fence: rule, importing file, imported module (relative to the tree's root, or a package). */
const ILLEGAL: [rule: string, from: string, to: string][] = [
  ['through-the-door', 'services/ingress/src/a.ts', 'libs/storage/src/inbox.ts'],
  ['nothing-points-at-services', 'libs/storage/src/b.ts', 'services/ingress/src/index.ts'],
  ['pure-stays-pure', 'libs/flow-model/src/c.ts', 'libs/vault/src/index.ts'],
  ['pure-has-no-libraries', 'libs/contracts/src/d.ts', 'pg'],
  ['pure-has-no-libraries', 'libs/errors/src/d.ts', 'node:fs'],
  ['workflow-imports', 'workflows/flow-run/src/e.ts', 'activities/connector-call/src/index.ts'],
  ['workflow-imports', 'workflows/flow-run/src/e2.ts', '@nestjs/common'],
  ['workflow-imports', 'workflows/flow-run/src/e3.ts', 'node:crypto'],
  ['workflow-reach', 'workflows/flow-run/src/e4.ts', 'libs/payload-crypto/src/index.ts'],
  ['bundle-imports', 'workflows/bundle/src/f.ts', 'libs/vault/src/index.ts'],
  ['port-imports', 'libs/connector-sdk/src/g.ts', 'libs/vault/src/index.ts'],
  ['platform-imports', 'libs/vault/src/h.ts', 'libs/connectors/sql/src/index.ts'],
  ['storage-imports', 'libs/storage/src/i.ts', 'libs/credentials/src/index.ts'],
  ['credentials-imports', 'libs/credentials/src/j.ts', 'libs/storage/src/index.ts'],
  ['connector-imports', 'libs/connectors/sql/src/k.ts', 'libs/vault/src/index.ts'],
  ['connectors-apart', 'libs/connectors/sql/src/l.ts', 'libs/connectors/rest/src/index.ts'],
  ['activity-imports', 'activities/connector-call/src/m.ts', 'libs/connectors/sql/src/index.ts'],
  ['activity-knows-no-adapter', 'activities/connector-call/src/n.ts', 'libs/storage/src/postgres/index.ts'],
  ['ingress-and-admin-start-by-name', 'services/ingress/src/o.ts', 'workflows/flow-run/src/index.ts'],
  ['ingress-and-admin-start-by-name', 'services/admin-api/src/o.ts', 'libs/connectors/sql/src/index.ts'],
  ['worker-takes-the-built-bundle', 'services/worker/src/p.ts', 'workflows/flow-run/src/index.ts'],
  ['cli-imports', 'services/cli/src/q.ts', 'activities/connector-call/src/index.ts'],
  ['testing-only-from-specs', 'services/worker/src/r.ts', 'libs/testing/src/index.ts'],
  ['e2e-speaks-http', 'services/platform-e2e/src/s.ts', 'libs/vault/src/index.ts'],
  ['unresolvable', 'libs/storage/src/t.ts', './missing.ts'],
  ['no-cycle', 'libs/storage/src/u.ts', 'libs/storage/src/v.ts'],
];
/** The other half of the cycle, which is reported once. */
const CYCLE_BACK = ['libs/storage/src/v.ts', 'libs/storage/src/u.ts'] as const;

function specifier(from: string, to: string): string {
  if (!/^(libs|services|workflows|activities)\//.test(to)) return to.replace(/\.ts$/, '.js');
  return `${'../'.repeat(from.split('/').length - 1)}${to.replace(/\.ts$/, '.js')}`;
}

function plant(tree: string): void {
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  };
  for (const [, , to] of ILLEGAL)
    if (/^(libs|services|workflows|activities)\//.test(to)) write(to, 'export {};\n');
  for (const [from, to] of [...ILLEGAL.map(([, from, to]) => [from, to] as const), CYCLE_BACK])
    write(from, `import '${specifier(from, to)}';\n`);
  copyFileSync(join(root, 'tsconfig.base.json'), join(tree, 'tsconfig.base.json'));
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
}

interface Violation {
  from: string;
  rule: { name: string };
}

function cruise(tree: string): Violation[] {
  const depcruise = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const config = join(root, '.dependency-cruiser.mjs');
  const folders = ['libs', 'activities', 'workflows', 'services'];
  const output = execFileSync(
    process.execPath,
    [depcruise, '--config', config, '--output-type', 'json', ...folders],
    {
      cwd: tree,
      encoding: 'utf8',
      maxBuffer: 64 << 20,
    },
  );
  return (JSON.parse(output) as { summary: { violations: Violation[] } }).summary.violations;
}

describe('the fences', () => {
  let violations: Violation[];

  beforeAll(() => {
    const tree = realpathSync(mkdtempSync(join(tmpdir(), 'ecluse-fences-')));
    plant(tree);
    violations = cruise(tree);
  }, 60_000);

  it.each(ILLEGAL)('%s refuses %s importing %s', (rule, from) => {
    expect(
      violations.filter((violation) => violation.from === from).map(({ rule: { name } }) => name),
    ).toContain(rule);
  });

  it('shows every rule refusing something', async () => {
    const { default: config } = (await import(join(root, '.dependency-cruiser.mjs'))) as {
      default: { forbidden: { name: string }[] };
    };
    const shown = new Set(ILLEGAL.map(([rule]) => rule));
    expect(config.forbidden.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
  });
});
