import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@ecluse/testing';
import { pidOf } from './status.js';

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
      process.kill(pidOf(part), 0);
    },
    { timeoutMs: 60_000 },
  );
}

function file(point: string): string {
  const folder = process.env['ECLUSE_E2E_FAILPOINT_FOLDER'];
  if (folder === undefined) throw new Error('ECLUSE_E2E_FAILPOINT_FOLDER is set by the e2e set-up');
  return join(folder, point);
}
