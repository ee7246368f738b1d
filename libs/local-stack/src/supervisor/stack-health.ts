import { DEFAULT_NAMESPACE } from '@ecluse/contracts';
import { join } from 'node:path';
import { Client } from 'pg';
import { readTail } from '../servers/log-file.js';
import { readSecretFile } from '../servers/secret-file.js';
import type { StackHome } from '../stack-home.js';
import type { PartName, PartStatus, StackStatus } from './stack-status.js';

/** What one part answered just now. */
export interface PartHealthCheck {
  readonly name: PartName;
  readonly healthy: boolean;
  /** What it said, or why it did not. */
  readonly detail: string;
  /** What to do; undefined when it is healthy. */
  readonly remedy?: string;
}

/** Longest wait for one part. Milliseconds. */
const TIMEOUT_MS = 3_000;

/** Asks every part of a running stack, all at once. Never throws. */
export async function checkStack(home: StackHome, status: StackStatus): Promise<PartHealthCheck[]> {
  return Promise.all(
    status.parts.map(async (part) => {
      const problem = await ask(home, status, part).catch((error: unknown) => reasonOf(error));
      if (problem === undefined) return { name: part.name, healthy: true, detail: 'answers' };
      return { name: part.name, healthy: false, detail: problem, remedy: await remedyFor(part) };
    }),
  );
}

/** Resolves to undefined when the part does its job, else to what is wrong. */
async function ask(home: StackHome, status: StackStatus, part: PartStatus): Promise<string | undefined> {
  switch (part.name) {
    case 'postgres':
      return askPostgres(home);
    case 'vault':
      return askVault(status.endpoints.vault);
    case 'temporal':
      return askTemporal(status.endpoints.temporalUi);
    case 'ingress':
    case 'worker':
    case 'admin-api':
      return askService(part.endpoint);
  }
}

async function askPostgres(home: StackHome): Promise<string | undefined> {
  const connectionString = await readSecretFile(join(home.secrets, 'admin-api-database-url'));
  if (connectionString === undefined) return 'not set up yet';
  const client = new Client({
    connectionString,
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return undefined;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function askVault(address: string): Promise<string | undefined> {
  const response = await get(`${address}/v1/sys/health`);
  if (response.status === 200) return undefined;
  return response.status === 503 ? 'sealed' : `answers ${String(response.status)}`;
}

/** Through the UI server, so that one question proves both the engine and the UI. */
async function askTemporal(address: string): Promise<string | undefined> {
  const response = await get(`${address}/api/v1/namespaces/${DEFAULT_NAMESPACE}`);
  return response.status === 200 ? undefined : `answers ${String(response.status)}`;
}

async function askService(address: string): Promise<string | undefined> {
  const response = await get(`${address}/health/ready`);
  if (response.status === 200) return undefined;
  const report = (await response.json()) as { parts?: Record<string, { status?: string; detail?: string }> };
  const unavailable = Object.entries(report.parts ?? {})
    .filter(([, { status }]) => status !== 'ok')
    .map(([name, { detail }]) => (detail === undefined ? name : `${name} (${detail})`));
  return `not ready: ${unavailable.join(', ') || `answers ${String(response.status)}`}`;
}

function get(url: string): Promise<Response> {
  return fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'manual' });
}

/** `fetch` hides the reason in `cause`. */
function reasonOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  const { cause } = error as { cause?: { code?: unknown } };
  if (typeof cause?.code === 'string') return cause.code;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.message : 'does not answer';
}

async function remedyFor(part: PartStatus): Promise<string> {
  if (part.state === 'restarting' || part.state === 'starting') return 'wait: it is being started';
  const tail = await readTail(part.log, 3);
  const full = /no space left on device/i.test(tail) ? 'free space on the volume of the data folder; ' : '';
  return `${full}read ${part.log}, then stop and start the stack with \`npm start\``;
}
