import type { VaultFailure } from './vault-failure.js';

/** What node-vault hands to its HTTP layer, as far as we use it. */
export interface TransportRequest {
  method: string;
  uri: string;
  headers?: Record<string, string>;
  json?: unknown;
  timeout?: number;
  signal?: AbortSignal;
}
export interface TransportAnswer {
  statusCode: number;
  body: unknown;
  request: { path: string };
}
export type Transport = (request: TransportRequest) => Promise<TransportAnswer>;

/** Carries a failure through node-vault. Holds status, code and Vault's words: no header, no body, no token. */
export class VaultTransportError extends Error {
  constructor(readonly failure: VaultFailure) {
    super(
      `Vault request failed (${failure.status === 0 ? (failure.transportCode ?? 'no answer') : failure.status})`,
    );
    this.name = 'VaultTransportError';
  }
}

/**
 * Replaces node-vault's HTTP layer, which has no timeout, follows redirects off-host with the token, treats 202 as
 * an error and puts token and body into its network errors.
 *
 * Passed as the undocumented option `request-promise`; a spec guards that node-vault still takes it.
 * Certificates: the system's and `NODE_EXTRA_CA_CERTS`. Proxy variables are not honoured.
 */
export function createVaultTransport(userAgent: string): { defaults: () => Transport } {
  return { defaults: () => (request) => send(request, userAgent) };
}

async function send(request: TransportRequest, userAgent: string): Promise<TransportAnswer> {
  const timeout = AbortSignal.timeout(request.timeout ?? 5000);
  const signal = request.signal === undefined ? timeout : AbortSignal.any([request.signal, timeout]);
  const body =
    request.json !== null && typeof request.json === 'object' ? JSON.stringify(request.json) : undefined;
  // A Headers object, not a literal: node-vault sets `Content-Type` for PATCH, and two spellings broke it.
  const headers = new Headers(request.headers);
  headers.set('user-agent', userAgent);
  if (body !== undefined && !headers.has('content-type')) headers.set('content-type', 'application/json');
  let response: Response;
  let text: string;
  try {
    response = await fetch(request.uri, {
      method: request.method,
      headers,
      redirect: 'manual',
      signal,
      ...(body === undefined ? {} : { body }),
    });
    text = await response.text();
  } catch (error) {
    throw new VaultTransportError({ status: 0, transportCode: codeOf(error), messages: [] });
  }
  const path = new URL(request.uri).pathname;
  const answer = parse(text);
  // sys/health tells by its status: 429 standby, 501 not initialised, 503 sealed.
  if (response.status >= 300 && !path.endsWith('/sys/health')) {
    throw new VaultTransportError({
      status: response.status,
      messages: messagesOf(answer),
      ...retryAfter(response),
    });
  }
  // node-vault knows 200 and 204 only; 202 is Vault's "accepted" for an asynchronous revocation.
  return { statusCode: response.status === 202 ? 204 : response.status, body: answer, request: { path } };
}

function codeOf(error: unknown): string {
  const cause = property(error, 'cause');
  const code = property(cause, 'code') ?? property(error, 'code') ?? property(error, 'name');
  return typeof code === 'string' && /^[A-Za-z0-9_]{1,60}$/.test(code) ? code : 'UNKNOWN';
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function parse(text: string): unknown {
  try {
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

function messagesOf(answer: unknown): string[] {
  const errors = property(answer, 'errors');
  return Array.isArray(errors) ? errors.filter((item): item is string => typeof item === 'string') : [];
}

function retryAfter(response: Response): { retryAfterSeconds?: number } {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isInteger(seconds) && seconds > 0 && seconds <= 3600 ? { retryAfterSeconds: seconds } : {};
}
