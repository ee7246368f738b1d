import type { FastifyInstance } from 'fastify';

/** State of one part that a service depends on. */
export interface PartHealth {
  status: 'ok' | 'unavailable';
  /** For operators; no secret, no address with credentials. */
  detail?: string;
}
export interface HealthReport {
  status: 'ok' | 'unavailable';
  service: string;
  version: string;
  parts: Record<string, PartHealth>;
}
export interface HealthOptions {
  service: string;
  version: string;
  /** Each is asked on every readiness request and has 2 s; one that throws or is late is unavailable. */
  checks: Record<string, () => Promise<void>>;
}

/** Longest wait for one part. Milliseconds. */
const CHECK_TIMEOUT_MS = 2_000;

/**
 * Adds `GET /health/live` (200 while the process answers) and `GET /health/ready` (200, or 503 naming the part
 * that is unavailable). Both are open: they tell states, nothing else.
 */
export function registerHealth(fastify: FastifyInstance, options: HealthOptions): void {
  const { service, version } = options;
  fastify.get('/health/live', () => ({ status: 'ok', service, version, parts: {} }) satisfies HealthReport);
  fastify.get('/health/ready', async (_request, reply) => {
    const report = await checkHealth(options);
    return reply.status(report.status === 'ok' ? 200 : 503).send(report);
  });
}

/** Asks all parts at once. */
export async function checkHealth({ service, version, checks }: HealthOptions): Promise<HealthReport> {
  const parts = Object.fromEntries(
    await Promise.all(
      Object.entries(checks).map(async ([name, check]) => [name, await checkPart(check)] as const),
    ),
  );
  const status = Object.values(parts).every((part) => part.status === 'ok') ? 'ok' : 'unavailable';
  return { status, service, version, parts };
}

async function checkPart(check: () => Promise<void>): Promise<PartHealth> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<PartHealth>((resolve) => {
    timer = setTimeout(() => {
      resolve({ status: 'unavailable', detail: 'no answer within 2 s' });
    }, CHECK_TIMEOUT_MS);
  });
  try {
    return await Promise.race([check().then((): PartHealth => ({ status: 'ok' })), late]);
  } catch (error) {
    const detail =
      typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'refused';
    return { status: 'unavailable', detail };
  } finally {
    clearTimeout(timer);
  }
}
