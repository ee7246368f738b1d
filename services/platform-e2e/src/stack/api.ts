import { randomUUID } from 'node:crypto';
import { readSecret, readStatus } from './status.js';

export interface Answer<T> {
  status: number;
  headers: Headers;
  body: T;
}

/** Calls the admin API with the key of a role. */
export async function call<T>(
  method: string,
  path: string,
  options: { body?: unknown; role?: 'admin' | 'operator' | 'viewer'; headers?: Record<string, string> } = {},
): Promise<Answer<T>> {
  const response = await fetch(`${readStatus().endpoints.adminApi}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${readSecret(`${options.role ?? 'admin'}-api-key`)}`,
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(method === 'POST' ? { 'idempotency-key': randomUUID() } : {}),
      ...options.headers,
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  });
  const text = await response.text();
  const body = (text === '' ? undefined : JSON.parse(text)) as T;
  return { status: response.status, headers: response.headers, body };
}

/** GET that has to succeed. */
export async function get<T>(path: string): Promise<T> {
  const answer = await call<T>('GET', path);
  if (answer.status !== 200)
    throw new Error(`GET ${path}: ${String(answer.status)} ${JSON.stringify(answer.body)}`);
  return answer.body;
}
