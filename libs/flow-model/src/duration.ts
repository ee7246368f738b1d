const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof UNITS;

const DURATION = /^([1-9][0-9]{0,8})(ms|s|m|h|d)$/;
/** Longest duration that any document may state: 365 days, in milliseconds. */
export const MAX_DURATION_MS = 365 * UNITS.d;

export type DurationResult = { ok: true; ms: number } | { ok: false; message: string; expected: string };

/**
 * Reads `<whole number from 1><ms|s|m|h|d>`, for example `500ms`, `5m`, `24h`; at most 365d.
 * Strict: no sign, fraction, leading zero, blank or second part.
 */
export function parseDuration(text: string): DurationResult {
  const match = DURATION.exec(text);
  const refused = {
    ok: false,
    expected: 'a whole number from 1 and a unit ms, s, m, h or d, for example 5m',
  } as const;
  if (match === null) return { ...refused, message: 'is not a duration' };
  const ms = Number(match[1]) * UNITS[match[2] as Unit];
  if (ms > MAX_DURATION_MS) return { ...refused, message: 'is longer than 365d', expected: 'at most 365d' };
  return { ok: true, ms };
}

/** Writes milliseconds as the shortest exact duration, for example `90000` as `90s`. Whole numbers from 1. */
export function formatDuration(ms: number): string {
  const units = Object.entries(UNITS).reverse();
  const [unit, size] = units.find(([, candidate]) => ms % candidate === 0) ?? ['ms', 1];
  return `${String(ms / size)}${unit}`;
}
