import type { RefusalReason } from './refusal.js';

/** Proof that one secret of the source made this request. */
export interface Verified {
  ok: true;
  /** Id of the secret that matched; tells when an old one is no longer used. */
  secretId: string;
  scheme: string;
  /** The message id that the scheme names; `signed: false` means that anyone could have written it. */
  id?: { value: string; signed: boolean };
  /** The signed time, inside its window. */
  timestamp?: Date;
  /** The verified signature; absent for shared secrets. */
  mac?: Buffer;
}
/** Outcome of a verification; a refusal's reason is for logs and metrics, never for the sender. */
export type VerifyResult = Verified | { ok: false; reason: RefusalReason };
