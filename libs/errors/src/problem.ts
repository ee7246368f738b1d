import type { EcluseError, ErrorDetail } from './ecluse-error.js';

/** RFC 9457 problem document, media type `application/problem+json`. */
export interface Problem {
  /** `urn:ecluse:error:<code>`; docs/reference/errors.md explains each. */
  type: string;
  title: string;
  status: number;
  code: string;
  detail?: string;
  remedy: string;
  /** Id of the request, as in the log. */
  requestId?: string;
  errors?: ErrorDetail[];
}

/** Renders an error for a client. Only the table's texts and the error's own detail leave the process. */
export function toProblem(error: EcluseError, requestId?: string): Problem {
  return {
    type: `urn:ecluse:error:${error.code}`,
    title: error.entry.title,
    status: error.entry.status,
    code: error.code,
    ...(error.detail === undefined ? {} : { detail: error.detail }),
    remedy: error.entry.remedy,
    ...(requestId === undefined ? {} : { requestId }),
    ...(error.errors.length === 0 ? {} : { errors: error.errors }),
  };
}
