import type { FlowOrder, LaneState } from '@ecluse/contracts';

/** What the failure of a lane's head leads to. */
export interface LaneAfterFailure {
  /** `dead_letter`: the run is over; `queued`: it is tried again. */
  run: 'dead_letter' | 'queued';
  lane: LaneState;
  /** Pause of a blocked lane, in milliseconds; null where nothing is tried again by itself. */
  retryAfterMs: number | null;
}

const FIRST_PAUSE_MS = 1_000;
/** A remote that was mended is found working within this time. */
const LONGEST_PAUSE_MS = 300_000;

/** @param failures Of the head in a row, this one included. */
export function laneAfterFailure(
  policy: NonNullable<FlowOrder['onFailure']>,
  failures: number,
): LaneAfterFailure {
  switch (policy) {
    case 'block': {
      const retryAfterMs = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 20), LONGEST_PAUSE_MS);
      return { run: 'queued', lane: 'blocked', retryAfterMs };
    }
    case 'park':
      return { run: 'dead_letter', lane: 'parked', retryAfterMs: null };
    case 'skip':
    case 'latest':
      return { run: 'dead_letter', lane: 'open', retryAfterMs: null };
  }
}
