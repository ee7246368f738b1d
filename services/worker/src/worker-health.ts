import type { FastifyInstance } from 'fastify';
import { registerHealth } from '@ecluse/http';
import type { TemporalWorker } from './temporal-worker.js';
import type { WorkerParts } from './worker-parts.js';

/** Ready when the worker polls, and PostgreSQL and Vault answer. */
export function registerWorkerHealth(
  fastify: FastifyInstance,
  version: string,
  parts: WorkerParts,
  worker: TemporalWorker,
): void {
  registerHealth(fastify, {
    service: 'worker',
    version,
    checks: {
      temporal: () => {
        worker.assertRunning();
        return Promise.resolve();
      },
      postgres: async () => {
        await parts.dataSource.query('SELECT 1');
      },
      vault: async () => {
        const { reachable, sealed } = await parts.vault.health();
        if (!reachable || sealed) throw new Error(sealed ? 'sealed' : 'not reachable');
      },
    },
  });
}
