import { statfs } from 'node:fs/promises';
import { EcluseError, ERRORS } from '@ecluse/errors';
import type { StackHome } from '../stack-home.js';

/** Free bytes below which no stack is started: a first start writes about 100 MiB. */
export const MIN_FREE_BYTES = 256 * 2 ** 20;

/** Free bytes below which a running stack warns. */
const WARN_BELOW_BYTES = 64 * 2 ** 20;

/**
 * Servers that meet a full disk half-way end with messages of their own kind; better not to start them.
 * Throws `DISK_FULL` (ECL-2005) naming the folder and what is free.
 */
export async function refuseFullDisk(home: StackHome): Promise<void> {
  const free = await freeBytes(home);
  if (free >= MIN_FREE_BYTES) return;
  throw new EcluseError('DISK_FULL', {
    detail: `${home.root} has ${mebibytes(free)} free, ${mebibytes(MIN_FREE_BYTES)} are needed`,
  });
}

/**
 * Looks every 15 s and warns once each time the space runs out. Holds the process: its timer is what keeps a supervisor
 * alive, whose children are not referenced. Stop it with the function that is returned.
 */
export function watchDisk(home: StackHome, warn: (text: string) => void): () => void {
  let warned = false;
  const look = async (): Promise<void> => {
    const free = await freeBytes(home).catch(() => undefined);
    if (free === undefined) return;
    if (free < WARN_BELOW_BYTES && !warned) {
      const { code, title, remedy } = ERRORS.DISK_FULL;
      warn(`${code} ${title}: ${home.root} has ${mebibytes(free)} free. ${remedy}`);
    }
    warned = free < WARN_BELOW_BYTES;
  };
  const timer = setInterval(() => void look(), 15_000);
  return () => {
    clearInterval(timer);
  };
}

async function freeBytes(home: StackHome): Promise<number> {
  const { bavail, bsize } = await statfs(home.root);
  return bavail * bsize;
}

function mebibytes(bytes: number): string {
  return `${String(Math.floor(bytes / 2 ** 20))} MiB`;
}
