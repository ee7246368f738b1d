import { uniqueName } from '@ecluse/testing';
import { createKey, startTestApi, type ApiAnswer, type TestApi } from './test-api.js';
import { createTenantData, type TenantData } from './tenant-data.js';

/** A tenant with one of everything, and its admin key. */
export interface TenantClient {
  api: TestApi;
  data: TenantData;
  tenant: string;
  admin: string;
  get(path: string): Promise<ApiAnswer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<ApiAnswer>;
  put(path: string, body: unknown, headers?: Record<string, string>): Promise<ApiAnswer>;
  remove(path: string): Promise<ApiAnswer>;
}

/** Starts the API for one spec file; close `api` at its end. */
export async function startTenantClient(): Promise<TenantClient> {
  const api = await startTestApi();
  const tenant = uniqueName('t');
  const data = await createTenantData(api.adapters, api.owner, tenant);
  const admin = await createKey(api.owner, tenant, 'admin');
  const send = (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<ApiAnswer> =>
    api.call({ method, path, key: admin, headers, ...(body === undefined ? {} : { body }) });
  return {
    api,
    data,
    tenant,
    admin,
    get: (path) => send('GET', path),
    post: (path, body, headers) => send('POST', path, body, headers),
    put: (path, body, headers) => send('PUT', path, body, headers),
    remove: (path) => send('DELETE', path),
  };
}
