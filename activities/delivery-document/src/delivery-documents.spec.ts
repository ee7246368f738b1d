import { describe, expect, it } from '@jest/globals';
import { assertSize, DeliveryDocuments, evaluateOver, MAX_RESULT_BYTES } from './index.js';

function documentsOf(bodies: Record<string, string>): { documents: DeliveryDocuments; read: string[] } {
  const read: string[] = [];
  const documents = new DeliveryDocuments({
    deliveries: {
      load: async (tenant, id) => ({
        id,
        tenant,
        source: 'crm-deals',
        deliveryKey: `key-${id}`,
        receivedAt: new Date('2026-11-24T08:00:00Z'),
        contentType: 'application/json',
        state: 'running',
        body: { ciphertext: Buffer.from(bodies[id] ?? ''), wrappedKey: '', keyName: '' },
      }),
    },
    openBody: async (tenant, id, { ciphertext }) => {
      read.push(`${tenant}/${id}`);
      return ciphertext;
    },
  });
  return { documents, read };
}

describe('DeliveryDocuments', () => {
  it('refuses a body that is not JSON without quoting it', async () => {
    const { documents } = documentsOf({ d1: '{"mail": jane@canary.example}' });
    const error: unknown = await documents
      .load({ tenant: 'acme', deliveryId: 'd1' })
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ECL-1005' });
    expect(String(error)).not.toContain('canary');
  });

  it('gives body and $delivery, and opens a body once', async () => {
    const { documents, read } = documentsOf({ d1: '{"a":1}' });
    const expected = {
      body: { a: 1 },
      delivery: { id: 'd1', key: 'key-d1', source: 'crm-deals', receivedAt: '2026-11-24T08:00:00.000Z' },
    };
    expect(await documents.load({ tenant: 'acme', deliveryId: 'd1' })).toEqual(expected);
    expect(await documents.load({ tenant: 'acme', deliveryId: 'd1' })).toEqual(expected);
    expect(read).toEqual(['acme/d1']);
  });

  it('keeps tenants apart', async () => {
    const { documents, read } = documentsOf({ d1: '1' });
    await documents.load({ tenant: 'acme', deliveryId: 'd1' });
    await documents.load({ tenant: 'other', deliveryId: 'd1' });
    expect(read).toEqual(['acme/d1', 'other/d1']);
  });

  it('forgets the least recently used beyond 16 MiB', async () => {
    const large = JSON.stringify('x'.repeat(6 * 1_024 * 1_024));
    const { documents, read } = documentsOf({ a: large, b: large, c: large });
    for (const deliveryId of ['a', 'b', 'a', 'c', 'a', 'b'])
      await documents.load({ tenant: 't', deliveryId });
    expect(read).toEqual(['t/a', 't/b', 't/c', 't/b']);
  });
});

describe('evaluateOver', () => {
  const document = { body: { a: 1 }, delivery: { id: 'd1' } };

  it('evaluates over the body, or over what it is given, with both variables', async () => {
    const evaluator = {
      evaluate: async (expression: string, input: unknown, bindings: unknown) =>
        JSON.stringify([expression, input, bindings]),
    };
    const bindings = { steps: { s: 1 }, delivery: { id: 'd1' } };
    expect(await evaluateOver(evaluator, 'x', document, { s: 1 })).toBe(
      JSON.stringify(['x', { a: 1 }, bindings]),
    );
    expect(await evaluateOver(evaluator, 'x', document, { s: 1 }, 7)).toBe(
      JSON.stringify(['x', 7, bindings]),
    );
  });

  it('refuses a result that is too large to travel', () => {
    expect(assertSize('x'.repeat(MAX_RESULT_BYTES - 2))).toHaveLength(MAX_RESULT_BYTES - 2);
    expect(() => assertSize('x'.repeat(MAX_RESULT_BYTES - 1))).toThrow('ECL-4002');
    expect(() => assertSize('ü'.repeat(MAX_RESULT_BYTES / 2))).toThrow('ECL-4002');
  });
});
