import proto from '@temporalio/proto';
import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import { ciphertextInvalid } from './aes-gcm.js';
import { namespaceKeyName, type Sealer } from './sealer.js';

/** `encoding` of an encrypted payload. */
export const ENCRYPTED_ENCODING = 'binary/encrypted';

export interface TemporalCodecOptions {
  sealer: Sealer;
  namespace: string;
  /**
   * Tenant of a workflow, from its id; null where the id tells none. One worker serves several tenants, and
   * Temporal tells the codec whose payload it holds by the (experimental) serialization context.
   */
  tenantOf?: (workflowId: string) => string | null;
}

/**
 * Payload codec of one Temporal namespace: AES-256-GCM under the transit key `ns-<namespace>`.
 *
 * Metadata: `encoding`, `kid` (transit key), `dek` (wrapped data key), `tenant`. The additional authenticated data is
 * namespace, tenant and kid, so a payload moved to another namespace or tenant does not open; the tenant travels in
 * the metadata because the codec endpoint of the UI decodes without a context, and is authenticated there. With a
 * context a foreign tenant is refused (CIPHERTEXT_INVALID); a payload written without one has an empty tenant.
 *
 * `encode` always encrypts. `decode` passes other encodings through: the UI sends query arguments as plaintext.
 */
export function createTemporalCodec(options: TemporalCodecOptions): PayloadCodec {
  const tenantIn = (context: SerializationContext | undefined): string | null =>
    context?.workflowId === undefined ? null : (options.tenantOf?.(context.workflowId) ?? null);
  return {
    encode: (payloads, context) =>
      Promise.all(payloads.map((payload) => encrypt(options, payload, tenantIn(context) ?? ''))),
    decode: (payloads, context) =>
      Promise.all(payloads.map((payload) => decrypt(options, payload, tenantIn(context)))),
  };
}

async function encrypt(options: TemporalCodecOptions, payload: Payload, tenant: string): Promise<Payload> {
  const keyName = namespaceKeyName(options.namespace);
  const plain = Buffer.from(proto.temporal.api.common.v1.Payload.encode(payload).finish());
  const sealed = await options.sealer.seal(keyName, plain, payloadAad(options.namespace, tenant, keyName));
  return {
    metadata: {
      encoding: bytes(ENCRYPTED_ENCODING),
      kid: bytes(sealed.keyName),
      dek: bytes(sealed.wrappedKey),
      tenant: bytes(tenant),
    },
    data: sealed.ciphertext,
  };
}

async function decrypt(
  options: TemporalCodecOptions,
  payload: Payload,
  expected: string | null,
): Promise<Payload> {
  if (text(payload, 'encoding') !== ENCRYPTED_ENCODING) return payload;
  const keyName = namespaceKeyName(options.namespace);
  const tenant = text(payload, 'tenant');
  if (text(payload, 'kid') !== keyName) throw ciphertextInvalid('payload of another namespace');
  if (expected !== null && tenant !== '' && tenant !== expected)
    throw ciphertextInvalid('payload of another tenant');
  const sealed = { ciphertext: Buffer.from(payload.data ?? []), wrappedKey: text(payload, 'dek'), keyName };
  const plain = await options.sealer.open(sealed, payloadAad(options.namespace, tenant, keyName));
  return proto.temporal.api.common.v1.Payload.decode(plain);
}

/** Additional authenticated data of a Temporal payload. */
function payloadAad(namespace: string, tenant: string, keyName: string): string {
  return `ecluse/payload|${namespace}|${tenant}|${keyName}`;
}

function bytes(value: string): Uint8Array {
  return Buffer.from(value, 'utf8');
}

function text(payload: Payload, name: string): string {
  const value = payload.metadata?.[name];
  return value === undefined ? '' : Buffer.from(value).toString('utf8');
}
