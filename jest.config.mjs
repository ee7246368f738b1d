const swc = [
  '@swc/jest',
  {
    swcrc: false,
    module: { type: 'es6' },
    sourceMaps: 'inline',
    jsc: {
      target: 'es2024',
      keepClassNames: true,
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    },
  },
];
const common = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  testEnvironmentOptions: { customExportConditions: ['@ecluse/source', 'node', 'node-addons'] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': swc },
  setupFiles: ['reflect-metadata'],
  modulePathIgnorePatterns: ['/dist/', '/.ecluse/'],
};
const rooms = '<rootDir>/{libs,libs/connectors,activities,workflows,services,tools,bench,faults}/**';
/** A test's suffix says what it touches: nothing, real servers, recorded histories, the whole stack. */
export default {
  workerIdleMemoryLimit: '512MB',
  coverageProvider: 'v8',
  projects: [
    { ...common, displayName: 'unit', testMatch: [`${rooms}/*.spec.ts`] },
    {
      ...common,
      displayName: 'replay',
      testMatch: [`${rooms}/*.replay-spec.ts`],
      setupFilesAfterEnv: ['<rootDir>/tools/jest/server-timeouts.ts'],
    },
    {
      ...common,
      displayName: 'int',
      testMatch: [`${rooms}/*.int-spec.ts`],
      setupFilesAfterEnv: ['<rootDir>/tools/jest/server-timeouts.ts'],
      globalSetup: '<rootDir>/tools/jest/start-servers.ts',
      globalTeardown: '<rootDir>/tools/jest/stop-servers.ts',
    },
    {
      ...common,
      displayName: 'e2e',
      testMatch: [`${rooms}/*.e2e-spec.ts`],
      setupFilesAfterEnv: ['<rootDir>/tools/jest/long-timeouts.ts'],
      globalSetup: '<rootDir>/tools/jest/start-stack.ts',
      globalTeardown: '<rootDir>/tools/jest/stop-stack.ts',
    },
  ],
};
