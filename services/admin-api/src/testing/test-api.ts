import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Client } from 'pg';
import type { Role } from '@ecluse/contracts';
import { createLogger } from '@ecluse/observability';
import { createTestDatabase, testServers, type TestDatabase } from '@ecluse/testing';
import { connectAdapters, type Adapters } from '../adapters/connect-adapters.js';
import { AdminApiConfig } from '../admin-api.config.js';
import { createAdminApp } from '../create-admin-app.js';
import { ListenerLinks } from '../operator/operator-links.js';
import { SessionRegistry } from '../operator/session-registry.js';

export interface TestApi {
  app: NestFastifyApplication;
  adapters: Adapters;
  /** Session of the schema's owner, to arrange what the service's role may not. */
  owner: Client;
  /** Lines logged so far. */
  logged: string[];
  call(request: ApiCall): Promise<ApiAnswer>;
  close(): Promise<void>;
}
export interface ApiCall {
  method?: string;
  path: string;
  /** API key; none is sent without. */
  key?: string;
  body?: unknown;
  headers?: Record<string, string>;
  /** Address of the caller. */
  from?: string;
}
export interface ApiAnswer {
  status: number;
  headers: Record<string, string | string[] | number | undefined>;
  text: string;
  body: Record<string, unknown>;
}

/** The API on a database of its own, with the rights of production in PostgreSQL and Vault. */
export async function startTestApi(): Promise<TestApi> {
  const database = await createTestDatabase();
  const logged: string[] = [];
  const log = createLogger('admin-api', 'debug', { write: (line) => void logged.push(line) });
  const adapters = await connectAdapters(await configOf(database), log);
  const operatorLinks = new ListenerLinks(new SessionRegistry(), 'http://ecluse.localhost:8702', 'ecluse');
  const parts = {
    ...adapters.parts,
    operatorLinks,
    doorPublicUrl: 'http://127.0.0.1:8700',
    version: '0.0.0',
  };
  const app = await createAdminApp(parts, log);
  const owner = new Client({ connectionString: database.ownerUrl });
  await owner.connect();
  return {
    app,
    adapters,
    owner,
    logged,
    call: (request) => call(app, request),
    close: async () => {
      await app.close();
      await Promise.all([adapters.close(), owner.end()]);
      await database.drop();
    },
  };
}

/** Configuration on a test database, with free ports. */
export async function configOf(database: TestDatabase): Promise<AdminApiConfig> {
  const { vault, temporal } = testServers();
  const access = vault.services['admin-api'];
  return Object.assign(new AdminApiConfig(), {
    port: 0,
    operatorPort: 0,
    databaseUrl: database.urls['admin-api'],
    vaultAddr: vault.address,
    vaultRoleId: access.roleId,
    vaultSecretId: (await readFile(access.secretIdFile, 'utf8')).trim(),
    temporalAddress: temporal.address,
  });
}

async function call(
  app: NestFastifyApplication,
  { method = 'GET', path, key, body, headers, from = '10.9.9.9' }: ApiCall,
): Promise<ApiAnswer> {
  const answer = await app.inject({
    method: method as 'GET',
    url: path,
    remoteAddress: from,
    headers: {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(method === 'POST' ? { 'idempotency-key': randomBytes(8).toString('hex') } : {}),
      ...headers,
    },
    ...(body === undefined ? {} : { payload: body as object }),
  });
  const isJson = String(answer.headers['content-type']).includes('json');
  const parsed = isJson ? (JSON.parse(answer.payload) as Record<string, unknown>) : {};
  return { status: answer.statusCode, headers: answer.headers, text: answer.payload, body: parsed };
}

export interface KeyOptions {
  expiresAt?: Date;
  revokedAt?: Date;
}
/** Stores an API key and answers it. */
export async function createKey(
  owner: Client,
  tenant: string,
  role: Role,
  options: KeyOptions = {},
): Promise<string> {
  const keyId = Array.from(randomBytes(12), (byte) =>
    'abcdefghijklmnopqrstuvwxyz234567'.charAt(byte % 32),
  ).join('');
  const secret = randomBytes(32).toString('base64url');
  const { expiresAt = new Date(Date.now() + 3_600_000), revokedAt = null } = options;
  await owner.query(
    `INSERT INTO api_keys (key_id, tenant, name, role, secret_sha256, expires_at, revoked_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [
      keyId,
      tenant,
      `${tenant}-${role}`,
      role,
      createHash('sha256').update(secret).digest('hex'),
      expiresAt,
      revokedAt,
    ],
  );
  return `ecl_${keyId}_${secret}`;
}
