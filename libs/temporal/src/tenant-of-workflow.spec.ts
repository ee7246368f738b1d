import { describe, expect, it } from '@jest/globals';
import { tenantOfWorkflow } from './index.js';

describe('tenantOfWorkflow', () => {
  it.each([
    '',
    'acme',
    'wh:',
    'wh::crm:0:flow',
    'wh:Acme:crm:0:flow',
    'wh:ac me:crm',
    ' wh:acme:crm',
    'temporal-sys-batch:x',
  ])('tells none for %j', (id) => {
    expect(tenantOfWorkflow(id)).toBeNull();
  });
  it.each(['wh:acme:crm:0123:flow', 'wh:acme:crm:0123:flow/r2', 'batch:acme:0123', 'lane:acme:flow:0123'])(
    'tells it for %s',
    (id) => {
      expect(tenantOfWorkflow(id)).toBe('acme');
    },
  );
});
