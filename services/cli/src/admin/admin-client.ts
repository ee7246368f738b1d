import { randomUUID } from 'node:crypto';
import { EcluseError, type Problem } from '@ecluse/errors';
import { ApiRefusal } from '../failure.js';

/** How the admin API is reached. */
export interface AdminAccess {
  /** Without a trailing slash. */
  readonly url: string;
  /** Sent as bearer token; never printed. */
  readonly apiKey: string;
}

/** An answer with what HTTP adds to it. */
export interface AdminAnswer<T> {
  readonly body: T;
  /** Send it back as If-Match. */
  readonly etag: string | undefined;
}

export interface AdminRequest {
  readonly body?: unknown;
  readonly ifMatch?: string | undefined;
  /** Default: a fresh one for each POST. */
  readonly idempotencyKey?: string;
}

/** Longest wait for one answer. Milliseconds. */
const TIMEOUT_MS = 30_000;

/** Calls the admin API. Refusals are thrown as `ApiRefusal`; an API that does not answer as `STACK_NOT_RUNNING`. */
export class AdminClient {
  constructor(private readonly access: AdminAccess) {}

  get<T>(path: string): Promise<AdminAnswer<T>> {
    return this.request<T>('GET', path);
  }

  /** Undefined when there is no such thing (404). */
  async find<T>(path: string): Promise<AdminAnswer<T> | undefined> {
    try {
      return await this.get<T>(path);
    } catch (error) {
      if (error instanceof ApiRefusal && error.problem.status === 404) return undefined;
      throw error;
    }
  }

  put<T>(path: string, request: AdminRequest): Promise<AdminAnswer<T>> {
    return this.request<T>('PUT', path, request);
  }

  post<T>(path: string, request: AdminRequest = {}): Promise<AdminAnswer<T>> {
    return this.request<T>('POST', path, { idempotencyKey: randomUUID(), ...request });
  }

  delete(path: string): Promise<AdminAnswer<undefined>> {
    return this.request<undefined>('DELETE', path);
  }

  private async request<T>(
    method: string,
    path: string,
    request: AdminRequest = {},
  ): Promise<AdminAnswer<T>> {
    const response = await this.send(method, path, request);
    const text = await response.text();
    if (!response.ok) throw new ApiRefusal(problemFrom(response.status, text));
    const body = (text === '' ? undefined : JSON.parse(text)) as T;
    return { body, etag: response.headers.get('etag') ?? undefined };
  }

  private async send(method: string, path: string, request: AdminRequest): Promise<Response> {
    const { body, ifMatch, idempotencyKey } = request;
    try {
      return await fetch(`${this.access.url}${path}`, {
        method,
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: {
          authorization: `Bearer ${this.access.apiKey}`,
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
          ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (error) {
      throw new EcluseError('STACK_NOT_RUNNING', {
        detail: `the admin API at ${this.access.url} does not answer`,
        cause: error,
      });
    }
  }
}

/** A proxy in between may answer with something that is no problem document. */
function problemFrom(status: number, text: string): Problem {
  try {
    const parsed = JSON.parse(text) as Partial<Problem>;
    if (typeof parsed.code === 'string' && typeof parsed.title === 'string')
      return { ...parsed, status } as Problem;
  } catch {
    // not JSON: told below
  }
  return {
    type: 'about:blank',
    code: `HTTP ${String(status)}`,
    title: 'Unexpected answer',
    status,
    remedy: 'Check --url: it must be the address of the admin API.',
  };
}
