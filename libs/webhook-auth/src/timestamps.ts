import type { TimestampRule } from './scheme.js';

const DIGITS = /^\d{1,16}$/;
const RFC3339 =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:Z|([+-])(\d{2}):(\d{2}))$/;

/** Milliseconds since 1970, or undefined. Lenient parsers take `1e3` and `1614265330abc` for numbers. */
export function parseTimestamp(text: string, unit: TimestampRule['unit']): number | undefined {
  if (unit === 'rfc3339') return parseRfc3339(text);
  if (!DIGITS.test(text)) return undefined;
  return unit === 's' ? Number(text) * 1000 : Number(text);
}

function parseRfc3339(text: string): number | undefined {
  const match = RFC3339.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const fraction = Math.trunc(Number(`0.${match[7] ?? '0'}`) * 1000);
  const offsetHours = Number(match[9] ?? '0');
  const offsetMinutes = Number(match[10] ?? '0');
  if (hour > 23 || minute > 59 || second > 59 || offsetHours > 23 || offsetMinutes > 59) return undefined;
  const local = new Date(Date.UTC(year, month - 1, day, hour, minute, second, fraction));
  // Date.UTC rolls 31 February over into March; such a date is no date.
  if (local.getUTCFullYear() !== year || local.getUTCMonth() !== month - 1 || local.getUTCDate() !== day)
    return undefined;
  const offset = (offsetHours * 60 + offsetMinutes) * 60_000 * (match[8] === '-' ? -1 : 1);
  return local.getTime() - offset;
}

/** Text of `time` as a sender would write it. */
export function formatTimestamp(time: Date, unit: TimestampRule['unit']): string {
  if (unit === 'rfc3339') return time.toISOString();
  return String(unit === 's' ? Math.floor(time.getTime() / 1000) : time.getTime());
}

/** `stale` and `future` are both refused: a clock that runs ahead would keep a captured delivery valid for longer. */
export function judgeTimestamp(
  milliseconds: number,
  rule: TimestampRule,
  now: Date,
): 'fresh' | 'stale' | 'future' {
  const age = now.getTime() - milliseconds;
  if (age > rule.pastSeconds * 1000) return 'stale';
  if (-age > rule.futureSeconds * 1000) return 'future';
  return 'fresh';
}
