import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';
import { redactText } from './redact-text.js';

/**
 * Fields that a log line may carry. Anything else is dropped, so that a payload, a header or a credential
 * does not reach a log because somebody passed an object along.
 */
export const LOG_FIELDS = [
  'tenant',
  'source',
  'connection',
  'operation',
  'flow',
  'flowVersion',
  'deliveryId',
  'runId',
  'batchId',
  'workflowId',
  'stepId',
  'attempt',
  'outcome',
  'code',
  'reason',
  'retryInMs',
  'durationMs',
  'count',
  'secretId',
  'leaseRef',
  'leaseExpiresAt',
  'requestId',
  'method',
  'route',
  'status',
  'actor',
  'action',
  'resource',
  'role',
  'part',
  'port',
  'host',
  'version',
  'buildId',
  'config',
  'error',
  'signal',
  'bytes',
  'state',
  'remoteAddress',
] as const;
export type LogField = (typeof LOG_FIELDS)[number];
export type LogFields = Partial<Record<LogField, unknown>>;

/** Structured logger: one JSON object per line on standard output. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

const ALLOWED = new Set<string>(LOG_FIELDS);

/**
 * @param service Name of the process, on every line.
 * @param level pino level; default `info`.
 * @param destination Default standard output.
 */
export function createLogger(service: string, level = 'info', destination?: DestinationStream): Logger {
  const options = { base: { service }, level, timestamp: pino.stdTimeFunctions.isoTime };
  const log = destination === undefined ? pino(options) : pino(options, destination);
  return {
    debug: (message, fields) => {
      write(log, 'debug', message, fields);
    },
    info: (message, fields) => {
      write(log, 'info', message, fields);
    },
    warn: (message, fields) => {
      write(log, 'warn', message, fields);
    },
    error: (message, fields) => {
      write(log, 'error', message, fields);
    },
  };
}

function write(
  log: PinoLogger,
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  fields: LogFields = {},
): void {
  // Before anything is copied or redacted: what is not written should cost nothing.
  if (!log.isLevelEnabled(level)) return;
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (ALLOWED.has(name)) kept[name] = name === 'error' ? describeError(value) : redactValue(value);
  }
  log[level](kept, redactText(message));
}

/** Strings, also inside a summary such as `config`, pass the redaction of known secret shapes. */
function redactValue(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value);
  if (value instanceof Date || value === null || typeof value !== 'object') return value;
  return JSON.parse(redactText(JSON.stringify(value))) as unknown;
}

/** Name, code and redacted message: stacks and properties of foreign errors may hold requests with headers. */
function describeError(error: unknown): Record<string, unknown> {
  if (typeof error !== 'object' || error === null) return { message: redactText(String(error)) };
  const name = 'name' in error ? String(error.name) : 'Error';
  const code = 'code' in error ? { code: String(error.code) } : {};
  const message = 'message' in error ? redactText(String(error.message)) : '';
  const cause = 'cause' in error && error.cause !== undefined ? { cause: describeError(error.cause) } : {};
  return { name, ...code, message, ...cause };
}
