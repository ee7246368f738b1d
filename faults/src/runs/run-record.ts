import type { Commit } from '../remote/remotes.js';
import type { Attempt } from '../sender/sender.js';
import type { Message } from '../sender/message.js';

/** A delivery as the product shows it. */
export interface DeliveryRecord {
  readonly id: string;
  /** `webhook-id`. */
  readonly key: string;
  readonly state: string;
  readonly runs: readonly RunRecord[];
  /** Open dead letters. */
  readonly deadLetters: readonly { readonly code: string; readonly outcome: string | null }[];
}
export interface RunRecord {
  readonly flow: string;
  readonly replayNo: number;
  readonly state: string;
  readonly triggered: boolean | null;
}

/** Everything that the checkers judge: the sender's side, the product's and the remotes'. Nothing else may decide. */
export interface RunEvidence {
  readonly messages: readonly Message[];
  readonly attempts: readonly Attempt[];
  readonly deliveries: readonly DeliveryRecord[];
  readonly commits: readonly Commit[];
  /** Places at which a canary was found: `<file>: <which canary>`. */
  readonly leaks: readonly string[];
}
