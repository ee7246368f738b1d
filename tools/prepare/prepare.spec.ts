import { describe, expect, it } from '@jest/globals';
import { isInstalled } from './dependencies.mjs';
import { countResults } from './jest.mjs';

const lock = {
  packages: {
    '': { version: '1.0.0' },
    'libs/a': { version: '1.0.0' },
    'node_modules/a': { resolved: 'libs/a', link: true },
    'node_modules/b': { version: '2.0.0', integrity: 'sha512-b' },
    'node_modules/only-on-macos': { version: '1.0.0', optional: true },
  },
};
const record = {
  packages: {
    'node_modules/a': { resolved: 'libs/a', link: true },
    'node_modules/b': { version: '2.0.0', integrity: 'sha512-b' },
  },
};

describe('isInstalled', () => {
  it.each([
    ['a missing package', { 'node_modules/a': record.packages['node_modules/a'] }],
    [
      'another version',
      { ...record.packages, 'node_modules/b': { version: '1.0.0', integrity: 'sha512-b' } },
    ],
    ['other content', { ...record.packages, 'node_modules/b': { version: '2.0.0', integrity: 'sha512-x' } }],
    ['a workspace that is not linked', { ...record.packages, 'node_modules/a': { version: '1.0.0' } }],
  ])('is false for %s', (_case, packages) => {
    expect(isInstalled(lock, { packages })).toBe(false);
  });

  it('is true when all is there but optional packages of other platforms', () => {
    expect(isInstalled(lock, record)).toBe(true);
  });
});

describe('countResults', () => {
  const report = { numPassedTests: 3, numFailedTests: 0, numRuntimeErrorTestSuites: 0, numTotalTests: 3 };

  it.each([
    [
      'a project without a test',
      { ...report, numPassedTests: 0, numTotalTests: 0 },
      0,
      { passed: 0, failed: 1 },
    ],
    ['a bad end although no test failed', report, 1, { passed: 3, failed: 1 }],
    ['a file that does not load', { ...report, numRuntimeErrorTestSuites: 1 }, 1, { passed: 3, failed: 1 }],
    ['failed tests', { ...report, numFailedTests: 2 }, 1, { passed: 3, failed: 2 }],
  ])('counts %s as failed', (_case, counted, code, expected) => {
    expect(countResults(counted, code)).toEqual(expected);
  });

  it('counts what passed', () => {
    expect(countResults(report, 0)).toEqual({ passed: 3, failed: 0 });
  });
});
