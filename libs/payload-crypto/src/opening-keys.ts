import { createHash } from 'node:crypto';
import type { DataKeySource } from './sealer.js';

/** Opened data keys by hash of their wrapped form: least recently used out, one request per key at a time. */
export class OpeningKeys {
  private readonly opened = new Map<string, Buffer>();
  private readonly pending = new Map<string, Promise<Buffer>>();

  /** @param capacity Keys kept. One key covers ten minutes of a tenant; bounded by number, not by age. */
  constructor(
    private readonly source: DataKeySource,
    private readonly capacity: number,
  ) {}

  /** Throws VAULT_UNAVAILABLE, VAULT_DENIED, CREDENTIAL_MISSING (key destroyed), VAULT_MISUSED. Failures are not kept. */
  async open(keyName: string, wrapped: string): Promise<Buffer> {
    const id = identify(keyName, wrapped);
    const known = this.opened.get(id);
    if (known !== undefined) {
      this.keep(id, known);
      return known;
    }
    const running = this.pending.get(id);
    if (running !== undefined) return running;
    const opening = this.source
      .open(keyName, wrapped)
      .then((key) => {
        this.keep(id, key);
        return key;
      })
      .finally(() => this.pending.delete(id));
    this.pending.set(id, opening);
    return opening;
  }

  /** Own keys need no request to be opened. */
  learn(keyName: string, key: { plain: Buffer; wrapped: string }): void {
    this.keep(identify(keyName, key.wrapped), key.plain);
  }

  private keep(id: string, key: Buffer): void {
    this.opened.delete(id);
    this.opened.set(id, key);
    if (this.opened.size <= this.capacity) return;
    const oldest = this.opened.keys().next();
    if (oldest.done !== true) this.opened.delete(oldest.value);
  }
}

/** The key name is part of the identity: a wrapped key is valid under its own transit key only. */
function identify(keyName: string, wrapped: string): string {
  return createHash('sha256').update(`${keyName}|${wrapped}`).digest('hex');
}
