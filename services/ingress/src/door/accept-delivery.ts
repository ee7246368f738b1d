import { hash, randomUUID } from 'node:crypto';
import { EcluseError, isEcluseError } from '@ecluse/errors';
import type { Failpoints } from '@ecluse/failpoints';
import type { Logger } from '@ecluse/observability';
import { bodyAad, tenantKeyName, type Sealed, type Sealer } from '@ecluse/payload-crypto';
import type { InboxWriter, InsertOutcome, NewDelivery } from '@ecluse/storage';
import { verify, type Verified, type WebhookRequest } from '@ecluse/webhook-auth';
import type { ConflictReports } from './conflict-reports.js';
import { deliveryKey } from './delivery-key.js';
import type { Admission } from './door-request.js';
import { orderKeys } from './order-keys.js';
import { within } from './patience.js';
import { retryAfterSeconds } from './retry-after.js';
import type { SourcePolicy } from './source-policy.js';
import { parseStrictJson } from './strict-json.js';
import type { WebhookSecrets } from './webhook-secrets.js';

/** An admitted request with its body. */
export interface Incoming {
  admission: Admission;
  requestId: string;
  request: Omit<WebhookRequest, 'readBody'> & { rawBody: Buffer };
}
export interface AcceptDeps {
  secrets: Pick<WebhookSecrets, 'of'>;
  sealer: Pick<Sealer, 'seal'>;
  inbox: Pick<InboxWriter, 'insert'>;
  conflicts: Pick<ConflictReports, 'report'>;
  failpoints: Failpoints;
  log: Logger;
  /** The clock that timestamps are compared with. */
  now: () => Date;
  /** Longest wait for Vault, milliseconds, where a data key is not at hand. */
  sealMs: number;
}

/**
 * The path of one delivery through the door: verify the bytes, parse them, find the delivery key, seal, insert.
 * What it resolves to is stored and committed; whatever it throws, nothing is.
 */
export class AcceptDelivery {
  constructor(private readonly deps: AcceptDeps) {}

  /** Id of the stored delivery: a new one, or that of the first copy. Throws the 1xxx errors. */
  async accept({ admission, request, requestId }: Incoming): Promise<string> {
    const { policy, contentType } = admission;
    const readBody = once((mac: boolean) => parseBody(request.rawBody, policy, mac));
    const verified = await this.authenticate(policy, { ...request, readBody: () => readBody(true) });
    const document = readBody(verified.mac !== undefined);
    const bodySha256 = hash('sha256', request.rawBody, 'hex');
    const key = deliveryKey(policy.dedupe, {
      rawHeaders: request.rawHeaders,
      document,
      verified,
      bodySha256,
    });
    if (key === undefined) throw new EcluseError('DELIVERY_KEY_MISSING');
    const ordered = orderKeys(policy.orders, document);
    const id = randomUUID();
    const body = await this.seal(policy.tenant, id, request.rawBody);
    const outcome = await this.store({
      id,
      tenant: policy.tenant,
      source: policy.source,
      deliveryKey: key,
      bodySha256,
      contentType,
      bodyBytes: request.rawBody.length,
      body,
      secretId: verified.secretId,
      ...(ordered === undefined ? {} : { orderKeys: ordered }),
    });
    return this.settle(policy, outcome, requestId);
  }

  /** Fails closed, and with one answer for every reason; the reason goes to the log only. */
  private async authenticate(policy: SourcePolicy, request: WebhookRequest): Promise<Verified> {
    const { tenant, source, schemes } = policy;
    const { secrets, now } = this.deps;
    const result = verify(schemes, request, await secrets.of(tenant, source), now());
    if (result.ok) return result;
    throw new EcluseError('SIGNATURE_REFUSED', { detail: result.reason });
  }

  private async seal(tenant: string, id: string, body: Buffer): Promise<Sealed> {
    try {
      const sealed = this.deps.sealer.seal(tenantKeyName(tenant), body, bodyAad(tenant, id));
      return await within(this.deps.sealMs, sealed, () => new Error('Vault takes too long'));
    } catch (cause) {
      throw new EcluseError('SECRET_UNAVAILABLE', { retryAfterSeconds: retryAfterSeconds(), cause });
    }
  }

  private async store(delivery: NewDelivery): Promise<InsertOutcome> {
    const { inbox, failpoints } = this.deps;
    failpoints.hit('door.before-commit');
    try {
      const outcome = await inbox.insert(delivery);
      failpoints.hit('door.after-commit');
      return outcome;
    } catch (cause) {
      const name = isEcluseError(cause, 'DISK_FULL') ? 'DISK_FULL' : 'INBOX_UNAVAILABLE';
      throw new EcluseError(name, { retryAfterSeconds: retryAfterSeconds(), cause });
    }
  }

  private settle({ tenant, source }: SourcePolicy, outcome: InsertOutcome, requestId: string): string {
    if (outcome.kind === 'duplicate' && !outcome.sameBody) {
      this.deps.conflicts.report({ tenant, source, deliveryId: outcome.id, requestId });
      throw new EcluseError('DELIVERY_CONFLICT');
    }
    this.deps.log.debug(outcome.kind === 'inserted' ? 'delivery accepted' : 'delivery repeated', {
      tenant,
      source,
      deliveryId: outcome.id,
    });
    return outcome.id;
  }
}

function parseBody(rawBody: Buffer, { limits }: SourcePolicy, signed: boolean): unknown {
  const { maxDepth, maxTokens, maxKeyLength } = limits;
  return parseStrictJson(rawBody, { maxDepth, maxTokens, maxKeyLength, refuseDuplicateKeys: signed });
}

/** Runs a computation at most once and gives its result, or its error, again. */
function once<A, T>(compute: (argument: A) => T): (argument: A) => T {
  let result: { value: T } | undefined;
  return (argument) => (result ??= { value: compute(argument) }).value;
}
