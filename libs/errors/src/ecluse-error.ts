import { ERRORS, type ErrorEntry, type ErrorName } from './error-table.js';

/** One place in an input that is wrong. */
export interface ErrorDetail {
  /** File as the user named it, where there is one. */
  file?: string;
  /** 1-based. */
  line?: number;
  /** 1-based. */
  column?: number;
  /** RFC 6901 pointer into the document or request body. */
  pointer?: string;
  /** What is wrong, without the value itself. */
  message: string;
  expected?: string;
  remedy?: string;
  code?: string;
}

export interface EcluseErrorOptions {
  /** What happened here, for a person. Never a secret, never personal data. */
  detail?: string;
  errors?: ErrorDetail[];
  /** Seconds to wait before the next try (HTTP `Retry-After`). */
  retryAfterSeconds?: number;
  cause?: unknown;
}

/** The one error class that crosses package borders. Recognise it by `code`, not by `instanceof`. */
export class EcluseError extends Error {
  readonly entry: ErrorEntry;
  readonly code: string;
  readonly detail: string | undefined;
  readonly errors: ErrorDetail[];
  readonly retryAfterSeconds: number | undefined;

  constructor(
    readonly errorName: ErrorName,
    options: EcluseErrorOptions = {},
  ) {
    const entry = ERRORS[errorName];
    super(
      `${entry.code} ${entry.title}${options.detail === undefined ? '' : `: ${options.detail}`}`,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = 'EcluseError';
    this.entry = entry;
    this.code = entry.code;
    this.detail = options.detail;
    this.errors = options.errors ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** True for an `EcluseError` of any copy of this package, optionally of one entry. */
export function isEcluseError(error: unknown, name?: ErrorName): error is EcluseError {
  if (typeof error !== 'object' || error === null || !('errorName' in error) || !('entry' in error))
    return false;
  return name === undefined || error.errorName === name;
}
