import { builtinModules } from 'node:module';

/**
 * Directions of imports: services → adapters, connectors, activities → ports → pure ← workflows.
 * `tools/boundaries.spec.ts` shows each rule refusing an illegal import.
 */
const rooms = '(services|workflows|activities|libs/connectors|libs)/([^/]+)/src';
const spec = '(\\.[a-z0-9-]*spec\\.ts$|/testing/)';
const libs = (...names) => `^libs/(${names.join('|')})/src`;
const pure = ['contracts', 'errors', 'flow-model'];
const platform = [
  'config',
  'observability',
  'metrics',
  'http',
  'temporal',
  'payload-crypto',
  'webhook-auth',
  'vault',
  'mapping',
  'manifests',
  'failpoints',
];
const ports = ['connector-sdk', '(?:storage|credentials)'];

function only(name, from, allowed, comment) {
  return {
    name,
    severity: 'error',
    comment,
    from: { path: from, pathNot: spec },
    to: { path: '^(services|workflows|activities|libs)/', pathNot: [from, ...allowed] },
  };
}

export default {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    { name: 'unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'through-the-door',
      severity: 'error',
      comment: 'A package is entered by its index.ts, or by the index.ts of a door that its exports name.',
      from: { path: `^${rooms}` },
      to: {
        path: `^${rooms}/`,
        pathNot: [
          '^$1/$2/',
          '/src/index\\.ts$',
          '/src/(postgres|vault|check|testing|failure-converter|interpreter)/index\\.ts$',
        ],
      },
    },
    {
      name: 'nothing-points-at-services',
      severity: 'error',
      from: { path: `^${rooms}` },
      to: { path: '^services/', pathNot: '^$1/$2/' },
    },
    only('pure-stays-pure', libs(...pure), [libs(...pure)], 'Deterministic packages import each other only.'),
    {
      name: 'pure-has-no-libraries',
      severity: 'error',
      from: { path: libs(...pure), pathNot: spec },
      to: { path: ['(^|/)node_modules/', `^(node:)?(${builtinModules.join('|')})$`] },
    },
    {
      name: 'workflow-imports',
      severity: 'error',
      comment: 'Workflow code is replayed: pure packages and the Temporal workflow SDK, nothing else.',
      from: { path: '^workflows/flow-(run|lane|batch)/src', pathNot: spec },
      to: {
        pathNot: [
          '^workflows/flow-(run|lane|batch)/',
          libs(...pure),
          'node_modules/@temporalio/(workflow|common)/',
        ],
      },
    },
    {
      name: 'workflow-reach',
      severity: 'error',
      comment: 'Not even through another package.',
      from: { path: '^workflows/flow-(run|lane|batch)/src', pathNot: spec },
      to: { path: libs(...platform, ...ports, 'local-stack', 'connectors'), reachable: true },
    },
    only(
      'bundle-imports',
      '^workflows/bundle/src',
      ['^workflows/flow-(run|lane|batch)/src'],
      'The bundle builds the workflows.',
    ),
    only('port-imports', libs('connector-sdk'), [libs(...pure)], 'A port knows pure packages only.'),
    only(
      'platform-imports',
      libs(...platform),
      [libs(...pure, ...ports, ...platform)],
      'Platform never knows adapters, connectors or activities.',
    ),
    only(
      'storage-imports',
      libs('storage'),
      [libs(...pure, 'config', 'observability')],
      'An adapter knows its port and platform.',
    ),
    only(
      'credentials-imports',
      libs('credentials'),
      [libs(...pure, 'vault', 'observability')],
      'An adapter knows its port and platform.',
    ),
    only(
      'connector-imports',
      '^libs/connectors/([^/]+)/src',
      [libs(...pure, 'connector-sdk')],
      'A connector knows its contract only.',
    ),
    {
      name: 'connectors-apart',
      severity: 'error',
      from: { path: '^libs/connectors/([^/]+)/src' },
      to: { path: '^libs/connectors/', pathNot: '^libs/connectors/$1/' },
    },
    only(
      'activity-imports',
      '^activities/([^/]+)/src',
      [libs(...pure, ...ports, 'observability', 'failpoints')],
      'Activities know ports; services wire the adapters.',
    ),
    {
      name: 'activity-knows-no-adapter',
      severity: 'error',
      from: { path: '^activities/', pathNot: spec },
      to: { path: '^libs/(storage/src/postgres|credentials/src/vault)/' },
    },
    {
      name: 'ingress-and-admin-start-by-name',
      severity: 'error',
      from: { path: '^services/(ingress|admin-api)/src', pathNot: spec },
      to: { path: '^(workflows|activities)/|^libs/connectors/[^/]+/src/(?!check/)' },
    },
    {
      name: 'worker-takes-the-built-bundle',
      severity: 'error',
      from: { path: '^services/worker/src', pathNot: spec },
      to: { path: '^workflows/flow-(run|lane|batch)/' },
    },
    {
      name: 'cli-imports',
      severity: 'error',
      from: { path: '^services/cli/src', pathNot: spec },
      to: { path: '^(workflows|activities|libs/connectors)/' },
    },
    {
      name: 'testing-only-from-specs',
      severity: 'error',
      from: { path: `^${rooms}`, pathNot: [spec, '^libs/testing/', '^services/platform-e2e/'] },
      to: { path: '^libs/testing/|/testing/' },
    },
    {
      name: 'e2e-speaks-http',
      severity: 'error',
      comment: 'End-to-end tests use the product as its users do.',
      from: { path: '^services/platform-e2e/src' },
      to: { path: '^libs/', pathNot: libs('contracts', 'testing', 'webhook-auth') },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@ecluse/source', 'import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.json', '.d.ts'],
    },
  },
};
