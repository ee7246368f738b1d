import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { defaultPayloadConverter, type Payload, type SerializationContext } from '@temporalio/common';
import fc from 'fast-check';
import { createSealer, createTemporalCodec, ENCRYPTED_ENCODING, type DataKeySource } from './index.js';

const keys = new Map<string, Buffer>();
const source: DataKeySource = {
  create: (keyName) => {
    const plain = randomBytes(32);
    const wrapped = `vault:v1:${keyName}:${keys.size}`;
    keys.set(wrapped, plain);
    return Promise.resolve({ plain, wrapped });
  },
  open: (_keyName, wrapped) => Promise.resolve(keys.get(wrapped)!),
};
const sealer = createSealer(source);
const tenantOf = (workflowId: string): string | null => /^wh:([a-z-]+):/.exec(workflowId)?.[1] ?? null;
const codec = createTemporalCodec({ sealer, namespace: 'ecluse', tenantOf });
const of = (tenant: string): SerializationContext => ({
  type: 'workflow',
  namespace: 'ecluse',
  workflowId: `wh:${tenant}:crm:0:flow`,
});
const payloadOf = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);
const valueOf = (payload: Payload | undefined): unknown => defaultPayloadConverter.fromPayload(payload!);
const encoding = (payload: Payload): string => Buffer.from(payload.metadata!['encoding']!).toString();

describe('Temporal codec', () => {
  const refusal = { code: 'ECL-3006' };

  it('refuses a payload of another tenant, also with its tenant rewritten', async () => {
    const [payload] = await codec.encode([payloadOf('canary')], of('acme'));
    await expect(codec.decode([payload!], of('other'))).rejects.toMatchObject(refusal);
    const rewritten = { ...payload, metadata: { ...payload!.metadata, tenant: Buffer.from('other') } };
    await expect(codec.decode([rewritten], of('other'))).rejects.toMatchObject(refusal);
    await expect(codec.decode([rewritten])).rejects.toMatchObject(refusal);
    const stripped = { ...payload, metadata: { ...payload!.metadata, tenant: Buffer.alloc(0) } };
    await expect(codec.decode([stripped], of('other'))).rejects.toMatchObject(refusal);
  });

  it('refuses a payload of another namespace, also with its kid rewritten', async () => {
    const elsewhere = createTemporalCodec({ sealer, namespace: 'staging', tenantOf });
    const [payload] = await elsewhere.encode([payloadOf('canary')], of('acme'));
    await expect(codec.decode([payload!], of('acme'))).rejects.toMatchObject(refusal);
    const rewritten = { ...payload, metadata: { ...payload!.metadata, kid: Buffer.from('ns-ecluse') } };
    await expect(codec.decode([rewritten], of('acme'))).rejects.toMatchObject(refusal);
  });

  it.each(['data', 'dek', 'kid', 'tenant'])(
    'refuses a payload without %s, and tells nothing of it',
    async (part) => {
      const [payload] = await codec.encode([payloadOf('canary-0c1e')], of('acme'));
      const metadata = { ...payload!.metadata };
      Reflect.deleteProperty(metadata, part);
      const broken = part === 'data' ? { ...payload, data: Buffer.alloc(0) } : { ...payload, metadata };
      keys.set('', randomBytes(32));
      const failure = codec.decode([broken], of('acme'));
      await expect(failure).rejects.toMatchObject(refusal);
      await expect(failure).rejects.not.toThrow('canary');
    },
  );

  it('gives back every value, in order, and shows none of it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.json(), { maxLength: 4 }), async (texts) => {
        const values = texts.map((text) => ({ text, canary: 'canary-77aa' }));
        const encoded = await codec.encode(values.map(payloadOf), of('acme'));
        expect(encoded.map(encoding)).toEqual(values.map(() => ENCRYPTED_ENCODING));
        for (const { data, metadata } of encoded) {
          const parts = [data!, ...Object.values(metadata!)];
          expect(Buffer.concat(parts).includes('canary-77aa')).toBe(false);
        }
        expect((await codec.decode(encoded, of('acme'))).map(valueOf)).toEqual(values);
      }),
    );
  });

  it('encrypts what is encrypted already: an encoding that a sender claims is no reason to let it pass', async () => {
    const claimed = { metadata: { encoding: Buffer.from(ENCRYPTED_ENCODING) }, data: Buffer.from('canary') };
    const [encoded] = await codec.encode([claimed], of('acme'));
    expect(Buffer.from(encoded!.data!).includes('canary')).toBe(false);
    const [decoded] = await codec.decode([encoded!], of('acme'));
    expect(Buffer.from(decoded!.data!).toString()).toBe('canary');
  });

  it('decodes without a context, as the codec endpoint of the UI does, and what was written without one', async () => {
    const [bound] = await codec.encode([payloadOf(1)], of('acme'));
    expect(valueOf((await codec.decode([bound!]))[0])).toBe(1);
    const [unbound] = await codec.encode([payloadOf(2)]);
    expect(valueOf((await codec.decode([unbound!], of('acme')))[0])).toBe(2);
  });

  it('lets plaintext pass in: arguments of queries from the UI', async () => {
    const plaintext = payloadOf('__stack_trace');
    expect(await codec.decode([plaintext], of('acme'))).toEqual([plaintext]);
  });

  it('knows an empty list', async () => {
    expect(await codec.encode([])).toEqual([]);
    expect(await codec.decode([])).toEqual([]);
  });
});
