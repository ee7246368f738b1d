import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import { settingsDifferences } from '@ecluse/testing';
import { IngressConfig } from './ingress.config.js';

const PAGE = fileURLToPath(new URL('../../../docs/performance.md', import.meta.url));

it('docs/performance.md names the settings and defaults that there are', () => {
  expect(settingsDifferences(PAGE, ['ECLUSE_DOOR_', 'ECLUSE_DISPATCHER_'], IngressConfig)).toEqual([]);
});
