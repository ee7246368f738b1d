/** What a run's workflow id derives from. Names are `[a-z0-9-]`, at most 63 characters each. */
export interface RunIdentity {
  tenant: string;
  source: string;
  /** SHA-256, hex, of the delivery key. The key itself may hold personal data, and ids are plaintext in Temporal. */
  deliveryKeySha256: string;
  flow: string;
  /** 0 for the delivery's first run of the flow, n for its n-th replay. */
  replayNo: number;
}

const DIGEST = /^[0-9a-f]{64}$/;
/** Longest workflow id that Temporal takes by default, in bytes (`limit.maxIDLength` less a margin). */
export const MAX_WORKFLOW_ID_LENGTH = 255;

/**
 * Deterministic workflow id of a run, so that a second start of the same run is refused by Temporal:
 * `wh:{tenant}:{source}:{first 32 hex of the key's digest}:{flow}`, with `/r{n}` for replay n.
 * Throws RangeError for a digest that is not SHA-256 hex, a negative replay number, or an id over 255 characters.
 */
export function workflowIdOf(identity: RunIdentity): string {
  if (!DIGEST.test(identity.deliveryKeySha256))
    throw new RangeError('deliveryKeySha256 is not SHA-256 in hex');
  if (!Number.isSafeInteger(identity.replayNo) || identity.replayNo < 0) {
    throw new RangeError('replayNo is not a whole number from 0');
  }
  const digest = identity.deliveryKeySha256.slice(0, 32);
  const origin = `wh:${identity.tenant}:${identity.source}:${digest}:${identity.flow}`;
  const id = identity.replayNo === 0 ? origin : `${origin}/r${String(identity.replayNo)}`;
  if (id.length > MAX_WORKFLOW_ID_LENGTH) throw new RangeError('workflow id is longer than 255 characters');
  return id;
}

/** Workflow id of the delivery's first run of the flow: the part that replays share. */
export function originOf(workflowId: string): string {
  return workflowId.replace(/\/r[1-9][0-9]*$/, '');
}

/**
 * Key under which one step's effect may happen once: `{origin}/{stepId}`, the same for every attempt and replay.
 * A nonce (an operator asked for the effect to be made again) makes it a new one: `…#{nonce}`.
 */
export function idempotencyKeyOf(run: { origin: string; effectNonce?: string }, stepId: string): string {
  const key = `${run.origin}/${stepId}`;
  return run.effectNonce === undefined ? key : `${key}#${run.effectNonce}`;
}
