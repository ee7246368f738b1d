/** Missing values of a sequence field, both ends included. */
export type SequenceGap = [from: number, to: number];
export interface SequenceRecord {
  last: number | null;
  /** Oldest first. */
  gaps: SequenceGap[];
}

/** Most gaps kept for a lane; the oldest are forgotten first. */
export const MAX_LANE_GAPS = 100;

/**
 * A lane's record after `sequence` was dealt with. A number that is not above the last one closes the gap it leaves:
 * callers pass such a number only if it took effect.
 */
export function recordSequence(record: SequenceRecord, sequence: number | undefined): SequenceRecord {
  if (sequence === undefined) return record;
  const { last, gaps } = record;
  if (last === null) return { last: sequence, gaps };
  if (sequence <= last)
    return { last, gaps: gaps.flatMap((gap) => without(gap, sequence)).slice(-MAX_LANE_GAPS) };
  const missed: SequenceGap[] = sequence > last + 1 ? [[last + 1, sequence - 1]] : [];
  return { last: sequence, gaps: [...gaps, ...missed].slice(-MAX_LANE_GAPS) };
}

function without([from, to]: SequenceGap, sequence: number): SequenceGap[] {
  if (sequence < from || sequence > to) return [[from, to]];
  const parts: SequenceGap[] = [
    [from, sequence - 1],
    [sequence + 1, to],
  ];
  return parts.filter(([first, last]) => first <= last);
}
