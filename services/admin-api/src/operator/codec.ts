import { EcluseError } from '@ecluse/errors';

/** A Temporal payload as decoded from the codec protocol's JSON. */
export interface CodecPayload {
  metadata?: Record<string, Uint8Array> | null;
  data?: Uint8Array | null;
}
/** The decoding half of Temporal's payload codec. */
export interface PayloadDecoder {
  decode(payloads: CodecPayload[]): Promise<CodecPayload[]>;
}

/** The Temporal UI waits for ever and shows an empty page meanwhile. Milliseconds. */
export const DECODE_TIMEOUT_MS = 1_800;
/** Most payloads of one request; the UI sends one, the Temporal CLI a page of history. */
const MOST_PAYLOADS = 2_000;

interface WirePayload {
  metadata: Record<string, string>;
  data: string;
}

/**
 * Answers one request of Temporal's codec protocol. Fails rather than answering with ciphertext, because the UI
 * shows a 200 as the plaintext and warns only about a failure. Throws REQUEST_INVALID, VAULT_UNAVAILABLE and
 * whatever the decoder throws.
 */
export async function decodePayloads(
  decoder: PayloadDecoder,
  body: unknown,
  timeoutMs = DECODE_TIMEOUT_MS,
): Promise<{ payloads: WirePayload[] }> {
  const payloads = readPayloads(body);
  const decoded = await within(timeoutMs, decoder.decode(payloads));
  if (decoded.some(isEncrypted)) {
    throw new EcluseError('REQUEST_INVALID', {
      detail: 'A payload is encrypted under a key that this service does not hold',
    });
  }
  return { payloads: decoded.map(toWire) };
}

function readPayloads(body: unknown): CodecPayload[] {
  if (!isRecord(body) || !Array.isArray(body['payloads']) || body['payloads'].length > MOST_PAYLOADS) {
    throw new EcluseError('REQUEST_INVALID', {
      detail: `Expected { "payloads": [...] } with at most ${MOST_PAYLOADS} entries`,
    });
  }
  return body['payloads'].map(readPayload);
}

function readPayload(payload: unknown, index: number): CodecPayload {
  const metadata = isRecord(payload) ? (payload['metadata'] ?? {}) : undefined;
  const data = isRecord(payload) ? (payload['data'] ?? '') : undefined;
  if (
    !isRecord(metadata) ||
    typeof data !== 'string' ||
    !Object.values(metadata).every((v) => typeof v === 'string')
  ) {
    throw new EcluseError('REQUEST_INVALID', {
      detail: `Payload ${index} is not { metadata: { key: base64 }, data: base64 }`,
    });
  }
  const entries = Object.entries(metadata).map(
    ([key, value]) => [key, Buffer.from(String(value), 'base64')] as const,
  );
  return { metadata: Object.fromEntries(entries), data: Buffer.from(data, 'base64') };
}

function toWire(payload: CodecPayload): WirePayload {
  const metadata = Object.entries(payload.metadata ?? {}).map(
    ([key, value]) => [key, base64(value)] as const,
  );
  return { metadata: Object.fromEntries(metadata), data: base64(payload.data ?? new Uint8Array()) };
}

function isEncrypted(payload: CodecPayload): boolean {
  const encoding = payload.metadata?.['encoding'];
  return encoding !== undefined && Buffer.from(encoding).toString() === 'binary/encrypted';
}

async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(
        new EcluseError('VAULT_UNAVAILABLE', { detail: 'Decoding took too long', retryAfterSeconds: 1 }),
      );
    }, timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
