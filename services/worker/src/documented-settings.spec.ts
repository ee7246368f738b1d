import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import { settingsDifferences } from '@ecluse/testing';
import { WorkerConfig } from './worker.config.js';

const PAGE = fileURLToPath(new URL('../../../docs/performance.md', import.meta.url));

it('docs/performance.md names the settings and defaults that there are', () => {
  expect(settingsDifferences(PAGE, ['ECLUSE_WORKER_'], WorkerConfig)).toEqual([]);
});
