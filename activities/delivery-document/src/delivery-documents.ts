import type { JsonObject, JsonValue, RunRef } from '@ecluse/contracts';
import { EcluseError } from '@ecluse/errors';
import type { DeliveryReader, SealedBytes } from '@ecluse/storage';

/** What expressions see of a delivery. */
export interface DeliveryDocument {
  /** The parsed body: the input of expressions. */
  body: JsonValue;
  /** The variable `$delivery`. */
  delivery: JsonObject;
}
export interface DeliveryDocumentDeps {
  deliveries: DeliveryReader;
  /** Opens a body; throws VAULT_UNAVAILABLE (retry). */
  openBody(tenant: string, deliveryId: string, body: SealedBytes): Promise<Buffer>;
}

/** Most plaintext bytes kept between the steps of the runs that a worker executes at the moment. */
const CACHE_BYTES = 16 * 1_024 * 1_024;

type DocumentRef = Pick<RunRef, 'tenant' | 'deliveryId' | 'bodyEdit'>;
interface CacheEntry {
  document: DeliveryDocument;
  bytes: number;
}

/**
 * Stored deliveries, decrypted. A small least-recently-used cache saves the steps of one run from reading and
 * opening the same body again; it lives in memory only and is bounded by bytes.
 */
export class DeliveryDocuments {
  readonly #cache = new Map<string, CacheEntry>();
  #bytes = 0;

  constructor(private readonly deps: DeliveryDocumentDeps) {}

  /** Throws NOT_FOUND, STORE_UNAVAILABLE, VAULT_UNAVAILABLE, and BODY_MALFORMED for a body that is not JSON. */
  async load(run: DocumentRef): Promise<DeliveryDocument> {
    const key = `${run.tenant}/${run.deliveryId}/${run.bodyEdit ?? 0}`;
    const cached = this.#cache.get(key);
    if (cached !== undefined) {
      this.#cache.delete(key);
      this.#cache.set(key, cached);
      return cached.document;
    }
    const entry = await this.#read(run);
    this.#keep(key, entry);
    return entry.document;
  }

  async #read({ tenant, deliveryId, bodyEdit }: DocumentRef): Promise<CacheEntry> {
    const stored = await this.deps.deliveries.load(tenant, deliveryId, bodyEdit);
    const plain = await this.deps.openBody(tenant, deliveryId, stored.body);
    const delivery = {
      id: stored.id,
      key: stored.deliveryKey,
      source: stored.source,
      receivedAt: stored.receivedAt.toISOString(),
    };
    return { document: { body: parse(plain), delivery }, bytes: plain.byteLength };
  }

  #keep(key: string, entry: CacheEntry): void {
    if (entry.bytes > CACHE_BYTES) return;
    const concurrent = this.#cache.get(key);
    if (concurrent !== undefined) this.#bytes -= concurrent.bytes;
    this.#cache.set(key, entry);
    this.#bytes += entry.bytes;
    for (const [oldest, { bytes }] of this.#cache) {
      if (this.#bytes <= CACHE_BYTES) break;
      this.#cache.delete(oldest);
      this.#bytes -= bytes;
    }
  }
}

function parse(plain: Buffer): JsonValue {
  try {
    return JSON.parse(plain.toString('utf8')) as JsonValue;
  } catch {
    // The parser's message would quote the body.
    throw new EcluseError('BODY_MALFORMED', { detail: 'the stored body is not JSON' });
  }
}
