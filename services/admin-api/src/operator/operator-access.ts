import { EcluseError } from '@ecluse/errors';
import type { ApiKeyReader, AuditLog } from '@ecluse/storage';
import type { OperatorSession, SessionRegistry } from './session-registry.js';

/** How long the last look at the API key of a session counts: a revoked key ends its sessions within this time. */
const KEY_CHECK_MS = 30_000;
/** One audit row per session and page within this time, however many payloads the page has. */
const DECODE_AUDIT_MS = 600_000;
/** Pages remembered per session; beyond it the oldest is forgotten and would be audited again. */
const MOST_PAGES = 500;

/** Who may use the operator listener, and the audit rows of their use. */
export class OperatorAccess {
  constructor(
    private readonly sessions: SessionRegistry,
    private readonly keys: ApiKeyReader,
    private readonly audit: AuditLog,
    private readonly now: () => number = Date.now,
  ) {}

  /** The session of the cookies, if there is one and its API key still holds. Throws STORE_UNAVAILABLE. */
  async find(tokens: string[]): Promise<OperatorSession | undefined> {
    const session = this.sessions.find(tokens);
    if (session === undefined || this.now() - session.checkedAt < KEY_CHECK_MS) return session;
    const key = await this.keys.find(session.operator.keyId);
    if (key?.revokedAt !== null || key.expiresAt.getTime() <= this.now()) {
      this.sessions.end(session.operator.keyId);
      return undefined;
    }
    session.checkedAt = this.now();
    return session;
  }

  /** Turns a one-time link into a session; without its audit row there is none. Throws SESSION_MISSING. */
  async logIn(linkToken: string, requestId: string): Promise<{ token: string; expiresAt: Date }> {
    const operator = this.sessions.redeem(linkToken);
    if (operator === undefined) {
      throw new EcluseError('SESSION_MISSING', {
        detail: 'This link was used already, or is older than 60 seconds.',
      });
    }
    const entry = { action: 'ui-session.opened', resource: `api-key/${operator.keyId}`, detail: {} };
    await this.audit.record(operator.tenant, entry, { actor: operator.name, requestId });
    return this.sessions.open(operator);
  }

  /** Records that payloads are shown. Written before they are decoded; when it cannot be, nothing is shown. */
  async recordDecode(
    session: OperatorSession,
    referer: string | undefined,
    requestId: string,
  ): Promise<void> {
    const resource = pageOf(referer);
    const last = session.audited.get(resource);
    if (last !== undefined && this.now() - last < DECODE_AUDIT_MS) return;
    const { tenant, name, keyId } = session.operator;
    await this.audit.record(
      tenant,
      { action: 'payloads.decoded', resource, detail: { keyId } },
      { actor: name, requestId },
    );
    session.audited.delete(resource);
    session.audited.set(resource, this.now());
    const [oldest] = session.audited.keys();
    if (session.audited.size > MOST_PAGES && oldest !== undefined) session.audited.delete(oldest);
  }
}

/** The workflow whose page asked, as the browser's `Referer` tells. The codec protocol itself names no run. */
function pageOf(referer: string | undefined): string {
  const match = /\/namespaces\/[^/]+\/workflows\/([^/?#]{1,300})/.exec(referer ?? '');
  try {
    return match?.[1] === undefined ? 'workflow/unknown' : `workflow/${decodeURIComponent(match[1])}`;
  } catch {
    return 'workflow/unknown';
  }
}
