import { describe, expect, it } from '@jest/globals';
import { isEcluseError, type EcluseError } from '@ecluse/errors';
import { checkFlow, readDocument, toFlowDefinition, type Catalogue } from './index.js';

const FLOW = `apiVersion: ecluse/v1
kind: Flow
metadata:
  name: won
  tenant: acme
spec:
  on:
    source: crm
    when: "type = 'won'"
  steps:
    - id: customer
      call:
        connection: erp
        operation: party.upsert
        with: |
          {
            'externalId': deal.id
          }
    - id: order
      call:
        connection: erp
        operation: order.upsert
        with: "{ 'party': $steps.customer.id }"
`;

const CATALOGUE: Catalogue = {
  hasSource: (name) => Promise.resolve(name === 'crm'),
  operationsOf: (connection) =>
    Promise.resolve(
      connection === 'erp'
        ? [
            { name: 'party.upsert', effect: 'upsert', hasIdempotency: true },
            { name: 'order.upsert', effect: 'upsert', hasIdempotency: true },
            { name: 'mail.send', effect: 'create', hasIdempotency: false },
          ]
        : undefined,
    ),
};

async function publish(text: string): Promise<void> {
  await checkFlow(
    readDocument('Flow', { file: 'flow.yaml', text }, { tenant: 'acme', name: 'won' }),
    CATALOGUE,
  );
}

async function refusal(text: string): Promise<EcluseError> {
  const thrown: unknown = await publish(text).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!isEcluseError(thrown)) throw new Error('expected a refusal');
  return thrown;
}

describe('publishing a flow', () => {
  it('takes a good one, and the same content has the same hash whatever its layout', async () => {
    await publish(FLOW);
    const hash = (text: string) =>
      toFlowDefinition(readDocument('Flow', { text }, { tenant: 'acme', name: 'won' })).sha256;
    expect(hash(FLOW)).toMatch(/^[0-9a-f]{64}$/);
    expect(hash(FLOW.replace('"type = \'won\'"', "type = 'won'"))).toBe(hash(FLOW));
    expect(hash(FLOW.replace('deal.id', 'deal.key'))).not.toBe(hash(FLOW));
  });

  it.each<[what: string, from: string, to: string, code: string, line: number, message: string]>([
    ['broken YAML', 'spec:', 'spec: [', 'ECL-5002', 8, ''],
    ['a duplicate key', '  on:\n', '  on: {}\n  on:\n', 'ECL-5002', 8, 'unique'],
    ['another version', 'ecluse/v1', 'ecluse/v2', 'ECL-5001', 1, 'apiVersion'],
    ['a misspelt field', '  steps:', '  stepz:', 'ECL-5001', 10, '`stepz` is not a field here'],
    ['a missing field', '    source: crm\n', '', 'ECL-5001', 8, '`source` is missing'],
    [
      'a field of a later version',
      '  on:',
      '  input: { schema: deal.json }\n  on:',
      'ECL-5001',
      7,
      'not part of this version',
    ],
    ['a wrong type', 'source: crm', 'source: [crm]', 'ECL-5001', 8, 'wrong type'],
    ['a bad step id', 'id: order', 'id: Order 1', 'ECL-5001', 19, 'form needed'],
    ['a step id used twice', 'id: order', 'id: customer', 'ECL-5001', 19, 'used twice'],
    ['another tenant', 'tenant: acme', 'tenant: other', 'ECL-5006', 5, 'is not the tenant'],
    ['another name', 'name: won', 'name: lost', 'ECL-5001', 4, 'is not the name'],
    ['an unknown source', 'source: crm', 'source: crn', 'ECL-5004', 8, 'source `crn` is not defined'],
    [
      'an unknown connection',
      'connection: erp',
      'connection: epr',
      'ECL-5004',
      13,
      'connection `epr` is not defined',
    ],
    ['an unknown operation', 'party.upsert', 'party.upset', 'ECL-5004', 14, 'operation `party.upset`'],
    ['an unsafe write', 'party.upsert', 'mail.send', 'ECL-5005', 14, 'says nothing about repeated calls'],
    ['a bad expression in a block', 'deal.id', 'deal.(', 'ECL-5003', 18, ''],
    ['a refused function', 'deal.id', '$eval("1")', 'ECL-5003', 17, '$eval is refused'],
    ['a clock in an expression', 'deal.id', '$now()', 'ECL-5003', 17, 'replay'],
    ['an unknown variable', 'deal.id', '$deal.id', 'ECL-5003', 17, '$deal'],
    ['a step that has not run', '$steps.customer', '$steps.custmer', 'ECL-5004', 23, '$steps.custmer'],
    ['its own output', '$steps.customer', '$steps.order', 'ECL-5004', 23, '$steps.order'],
  ])('refuses %s with code, line and remedy', async (_what, from, to, code, line, message) => {
    expect(FLOW).toContain(from);
    const error = await refusal(FLOW.replace(from, to));
    expect(error.code).toBe(code);
    const [first] = error.errors;
    expect(first).toMatchObject({ file: 'flow.yaml', line });
    expect(first?.message).toContain(message);
    expect(first?.column).toBeGreaterThan(0);
  });

  it('says which name was meant', async () => {
    const { errors } = await refusal(FLOW.replace('party.upsert', 'party.upset'));
    expect(errors[0]?.remedy).toBe('Did you mean `party.upsert`?');
    expect(errors[0]?.expected).toContain('party.upsert');
  });

  it('reports all faults at once', async () => {
    const { errors } = await refusal(FLOW.replace('source: crm', 'source: crn').replace('deal.id', '$now()'));
    expect(errors.map(({ code }) => code)).toEqual(['ECL-5003', 'ECL-5004']);
  });
});
