import { isEcluseError } from '@ecluse/errors';
import { backOffMs, type BackOffLimits } from './back-off.js';

/** What a failed start means for its run. */
export type StartVerdict =
  | { kind: 'refuse'; reason: string }
  | { kind: 'release'; delaySeconds: number; reason: string; engineAway: boolean };

/** Pauses of one run whose start fails for a reason of its own. */
const RUN_BACK_OFF: BackOffLimits = { firstMs: 1_000, longestMs: 60_000 };
/** While the engine is away the dispatcher as a whole waits; a run is then free again almost at once. */
const AWAY_SECONDS = 1;

/**
 * Decides about a run whose start failed. Only an error that says so is final; everything else is tried again,
 * because an accepted delivery must not end for a fault of ours.
 * @param attempts Starts tried so far, this one included.
 * @param random 0 (inclusive) to 1 (exclusive).
 */
export function judgeStart(error: unknown, attempts: number, random: number): StartVerdict {
  if (isEcluseError(error, 'RUN_NOT_STARTABLE'))
    return { kind: 'refuse', reason: error.detail ?? error.entry.title };
  // Temporal, or Vault behind the codec: whatever it is, the next run would meet the same.
  if (isEcluseError(error))
    return { kind: 'release', delaySeconds: AWAY_SECONDS, reason: describe(error), engineAway: true };
  const delaySeconds = Math.ceil(backOffMs(Math.max(1, attempts), RUN_BACK_OFF, random) / 1_000);
  return {
    kind: 'release',
    delaySeconds,
    reason: 'the start failed for an unknown reason',
    engineAway: false,
  };
}

function describe({
  code,
  entry,
  detail,
}: {
  code: string;
  entry: { title: string };
  detail: string | undefined;
}): string {
  return `${code} ${entry.title}${detail === undefined ? '' : `: ${detail}`}`;
}
