import { createHash, randomBytes } from 'node:crypto';

/** How long a one-time login link may be used. Milliseconds. */
export const LINK_TTL_MS = 60_000;
/** Longest life of an operator session; it never outlives its API key. Milliseconds. */
export const SESSION_TTL_MS = 8 * 3_600_000;
/** Most links and most sessions kept; beyond it the oldest is dropped, so that memory stays bounded. */
const MOST_KEPT = 200;

/** Who opened the operator UI, taken from the API key that asked for the link. */
export interface Operator {
  tenant: string;
  keyId: string;
  name: string;
  /** When the API key ends. */
  keyExpiresAt: Date;
}
export interface OperatorSession {
  operator: Operator;
  expiresAt: number;
  /** Time of the last check that the API key is still good. */
  checkedAt: number;
  /** Resources whose decoding was audited, and when. */
  audited: Map<string, number>;
}
interface Entry {
  expiresAt: number;
}

/**
 * One-time login links and the sessions made from them. Both are 256-bit random values of which only a hash is
 * kept, in this process's memory: a restart ends every session, and two admin API processes do not share them.
 */
export class SessionRegistry {
  private readonly links = new Map<string, Entry & { operator: Operator }>();
  private readonly sessions = new Map<string, OperatorSession>();

  constructor(private readonly now: () => number = Date.now) {}

  /** A new link token, good once and for 60 s. */
  createLink(operator: Operator): { token: string; expiresAt: Date } {
    const expiresAt = this.now() + LINK_TTL_MS;
    const token = keep(this.links, { operator, expiresAt }, this.now());
    return { token, expiresAt: new Date(expiresAt) };
  }

  /** Uses a link up. Undefined when it is unknown, used or late. */
  redeem(token: string): Operator | undefined {
    const id = digest(token);
    const link = this.links.get(id);
    this.links.delete(id);
    return link !== undefined && link.expiresAt > this.now() ? link.operator : undefined;
  }

  /** Opens a session; the returned value goes into the cookie. */
  open(operator: Operator): { token: string; expiresAt: Date } {
    const now = this.now();
    const expiresAt = Math.min(now + SESSION_TTL_MS, operator.keyExpiresAt.getTime());
    const token = keep(this.sessions, { operator, expiresAt, checkedAt: now, audited: new Map() }, now);
    return { token, expiresAt: new Date(expiresAt) };
  }

  /** The living session of any of the values: other servers of the host may have set a cookie of the same name. */
  find(tokens: string[]): OperatorSession | undefined {
    for (const token of tokens) {
      const session = this.sessions.get(digest(token));
      if (session !== undefined && session.expiresAt > this.now()) return session;
    }
    return undefined;
  }

  /** Ends every session of an API key. */
  end(keyId: string): void {
    for (const [id, session] of this.sessions) if (session.operator.keyId === keyId) this.sessions.delete(id);
  }
}

function keep<T extends Entry>(entries: Map<string, T>, entry: T, now: number): string {
  for (const [id, old] of entries) if (old.expiresAt <= now || entries.size >= MOST_KEPT) entries.delete(id);
  const token = randomBytes(32).toString('base64url');
  entries.set(digest(token), entry);
  return token;
}

/** Look-ups go by hash, so that their timing tells nothing about a kept token. */
function digest(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
