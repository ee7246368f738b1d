import type { SourceReader } from '@ecluse/storage';
import { BoundedCache } from './bounded-cache.js';
import { sourcePolicy, type SourcePolicy } from './source-policy.js';

/** Shape of every token that was ever handed out: 128 bits or more, base64url. */
const TOKEN = /^[A-Za-z0-9_-]{22,128}$/;
/** How long a known source is kept without looking again; a change is notified and clears the cache at once. */
const KNOWN_MS = 60_000;
/** How long an unknown token is kept: long enough to blunt a scan, short enough for a source just made. */
const UNKNOWN_MS = 2_000;
const LIMIT = 10_000;

/** Sources by path token, cached. */
export class SourceDirectory {
  private readonly cached: BoundedCache<SourcePolicy>;
  private readonly unknown: BoundedCache<true>;
  private readonly pending = new Map<string, Promise<SourcePolicy | undefined>>();
  private generation = 0;

  constructor(
    private readonly reader: SourceReader,
    private readonly maxBodyBytes: number,
    now: () => number = () => performance.now(),
  ) {
    this.cached = new BoundedCache(LIMIT, now);
    // Apart, so that a scan with made-up tokens cannot push known sources out.
    this.unknown = new BoundedCache(LIMIT, now);
  }

  /** The source of a token if it is at hand: no wait, no promise. */
  known(token: string): SourcePolicy | undefined {
    return this.cached.get(token);
  }

  /** Undefined for a token of no source. Throws STORE_UNAVAILABLE for one that is not cached. */
  async find(token: string): Promise<SourcePolicy | undefined> {
    if (!TOKEN.test(token)) return undefined;
    const known = this.cached.get(token);
    if (known !== undefined) return known;
    if (this.unknown.get(token) !== undefined) return undefined;
    const running = this.pending.get(token);
    if (running !== undefined) return running;
    const looked = this.look(token).finally(() => this.pending.delete(token));
    this.pending.set(token, looked);
    return looked;
  }

  /** Forgets everything: a source was changed. */
  forget(): void {
    this.generation += 1;
    this.cached.clear();
    this.unknown.clear();
    this.pending.clear();
  }

  private async look(token: string): Promise<SourcePolicy | undefined> {
    const { generation } = this;
    const stored = await this.reader.findByToken(token);
    const policy = stored === undefined ? undefined : sourcePolicy(stored, this.maxBodyBytes);
    // What was read before a change must not outlive it.
    if (generation !== this.generation) return policy;
    if (policy === undefined) this.unknown.set(token, true, UNKNOWN_MS);
    else this.cached.set(token, policy, KNOWN_MS);
    return policy;
  }
}
