import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@ecluse/testing';
import { pidOf, readStatus } from './status.js';

/**
 * Arms a marked point once: the next process that reaches it dies as by `kill -9`, and the file is gone.
 * The e2e set-up starts the services with `ECLUSE_FAILPOINTS=enabled` and this folder.
 */
export function arm(point: string): void {
  writeFileSync(file(point), '');
}

/** Waits until the point was reached and the process that died there was replaced. */
export async function diedAndCameBack(point: string, part: string, pidBefore: number): Promise<void> {
  await eventually(
    () => {
      if (existsSync(file(point))) throw new Error(`${point} was not reached`);
      if (pidOf(part) === pidBefore) throw new Error(`${part} has not been replaced`);
    },
    { timeoutMs: 60_000 },
  );
  await allReady();
}

/** Waits until every part of the stack is ready, as after a restart. */
export async function allReady(): Promise<void> {
  await eventually(
    () => {
      const away = readStatus().parts.filter(({ state }) => state !== 'ready');
      if (away.length > 0) throw new Error(`not ready: ${away.map(({ name }) => name).join(', ')}`);
    },
    { timeoutMs: 60_000 },
  );
}

function file(point: string): string {
  const folder = process.env['ECLUSE_E2E_FAILPOINT_FOLDER'];
  if (folder === undefined) throw new Error('ECLUSE_E2E_FAILPOINT_FOLDER is set by the e2e set-up');
  return join(folder, point);
}
