import { EcluseError, isEcluseError } from '@ecluse/errors';

/** Name of the error for a PostgreSQL that cannot be used right now. */
export type Unavailable = 'STORE_UNAVAILABLE' | 'INBOX_UNAVAILABLE';

const RETRY_AFTER_SECONDS = 5;

/** Failures that may pass: SQLSTATE classes and codes (PostgreSQL, appendix A). */
const PASSING_STATE = /^(?:08...|57P0[1-5]|57014|53[023]..|40001|40P01|55P03|25006|25P03)$/;
/** Input that no column takes: NUL characters, numbers out of range. */
const BAD_VALUE_STATE = /^22(?:003|008|021|P02|P03|P05)$/;
/** After these the session is over, whatever the client library still believes. */
const LOST_STATE = /^(?:08...|57P0[1-5])$/;
/** What the socket says before there is a SQLSTATE. */
const PASSING_SYSTEM =
  /^(?:ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENOENT)$/;
/** The client libraries' own errors carry no code. TypeORM: not connected yet, or it let go of a connection that broke. */
const PASSING_MESSAGE =
  /connection terminated|connection error|timeout exceeded when trying to connect|query read timeout|not queryable|driver not connected|connection is not established|query runner already released|server closed the connection/i;

/**
 * The one place where errors of the database become ours. Statements, parameters and PostgreSQL's own message and
 * detail stay behind: they hold values of rows. What is kept (SQLSTATE, table, constraint) names the place.
 */
export function translateError(error: unknown, unavailable: Unavailable): EcluseError {
  if (isEcluseError(error)) return error;
  const fault = describeFault(error);
  const cause = new Error(fault.summary);
  if (fault.diskFull) return new EcluseError('DISK_FULL', { retryAfterSeconds: 30, cause });
  if (fault.passing) return new EcluseError(unavailable, { retryAfterSeconds: RETRY_AFTER_SECONDS, cause });
  if (fault.badValue)
    return new EcluseError('REQUEST_INVALID', { detail: 'a value cannot be stored', cause });
  return new EcluseError('INTERNAL', { cause });
}

/** True when the connection that failed must not be used again. */
export function isConnectionLost(error: unknown): boolean {
  return describeFault(error).lost;
}

interface Fault {
  summary: string;
  lost: boolean;
  diskFull: boolean;
  passing: boolean;
  badValue: boolean;
}

function describeFault(error: unknown): Fault {
  const fields = fieldsOf(error);
  // TypeORM wraps the driver's error and adds the statement with its parameters.
  const driver = 'driverError' in fields ? fieldsOf(fields['driverError']) : fields;
  const code = typeof driver['code'] === 'string' ? driver['code'] : '';
  const message = typeof driver['message'] === 'string' ? driver['message'] : '';
  const place = ['table', 'constraint', 'routine']
    .filter((key) => typeof driver[key] === 'string')
    .map((key) => `${key} ${String(driver[key])}`);
  const broken = PASSING_SYSTEM.test(code) || PASSING_MESSAGE.test(message);
  return {
    lost: broken || LOST_STATE.test(code),
    summary: `PostgreSQL ${[code === '' ? 'failure' : code, ...place].join(', ')}`,
    diskFull: code === '53100' || code === 'ENOSPC' || /no space left on device/i.test(message),
    passing: broken || PASSING_STATE.test(code),
    badValue: BAD_VALUE_STATE.test(code),
  };
}

function fieldsOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return {};
  const own = value as Record<string, unknown>;
  const message = own['message'];
  return { ...own, ...(message === undefined ? {} : { message }) };
}
