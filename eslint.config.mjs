import { builtinModules } from 'node:module';
import eslint from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** What a workflow and everything it imports must not touch: Temporal replays it, so it has to be deterministic. */
const pureSources = [
  'workflows/flow-{run,lane,batch}/src/**/*.ts',
  'libs/contracts/src/**/*.ts',
  'libs/errors/src/**/*.ts',
  'libs/flow-model/src/**/*.ts',
];
const specs = ['**/*spec.ts', '**/testing/**/*.ts'];

export default defineConfig(
  globalIgnores(['**/dist/', '**/node_modules/', '.ecluse/', '.nx/', 'coverage/']),
  eslint.configs.recommended,
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'process',
          'console',
          'setTimeout',
          'clearTimeout',
          'setInterval',
          'clearInterval',
          'URL',
          'Buffer',
          'fetch',
          'AbortSignal',
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
        emitDecoratorMetadata: true,
        experimentalDecorators: true,
      },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off', // Nest's option types are classes
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      'max-lines': ['warn', { max: 300, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: pureSources,
    ignores: specs,
    rules: {
      'no-restricted-globals': ['error', 'process', 'fetch', 'Buffer', 'setImmediate'],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Pass a clock.' },
        { object: 'Math', property: 'random', message: 'Pass a source of randomness.' },
      ],
      'no-restricted-imports': [
        'error',
        {
          paths: builtinModules.filter((name) => !name.startsWith('node:')),
          patterns: [
            { regex: '^node:' },
            { group: ['@nestjs/*', 'typeorm', '@temporalio/worker', '@temporalio/client', 'ajv'] },
          ],
        },
      ],
    },
  },
  {
    // Signatures and secrets are compared in one place only.
    files: ['libs/**/*.ts', 'services/**/*.ts', 'activities/**/*.ts'],
    ignores: ['libs/webhook-auth/**', 'services/admin-api/src/**', ...specs],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "Identifier[name='timingSafeEqual']",
          message: 'Compare signatures in @ecluse/webhook-auth only.',
        },
      ],
    },
  },
  {
    // Configuration is read once, by @ecluse/config; commands of the local stack pass an environment on.
    files: ['services/*/src/**/*.ts', 'libs/**/*.ts', 'activities/**/*.ts'],
    ignores: [
      'services/*/src/main.ts',
      'services/cli/**',
      'services/platform-e2e/**',
      'libs/config/**',
      'libs/local-stack/**',
      'libs/testing/**',
      'libs/failpoints/**',
      ...specs,
    ],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Use @ecluse/config.' },
      ],
    },
  },
  {
    // Tables of data, not code to follow.
    files: [
      'libs/errors/src/error-table.ts',
      'libs/metrics/src/instruments.ts',
      'libs/storage/src/postgres/migrations/*.ts',
    ],
    rules: { 'max-lines': 'off' },
  },
  {
    files: specs,
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
);
