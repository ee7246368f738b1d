import { statfs } from 'node:fs/promises';
import { EcluseError } from '@ecluse/errors';
import type { StackHome } from '../stack-home.js';

/** Free bytes below which no stack is started: a first start writes about 100 MiB. */
export const MIN_FREE_BYTES = 256 * 2 ** 20;

/**
 * Servers that meet a full disk half-way end with messages of their own kind; better not to start them.
 * Throws `DISK_FULL` (ECL-2005) naming the folder and what is free.
 */
export async function refuseFullDisk(home: StackHome): Promise<void> {
  const { bavail, bsize } = await statfs(home.root);
  const free = bavail * bsize;
  if (free >= MIN_FREE_BYTES) return;
  const [has, needs] = [free, MIN_FREE_BYTES].map((bytes) => `${String(Math.floor(bytes / 2 ** 20))} MiB`);
  throw new EcluseError('DISK_FULL', {
    detail: `${home.root} has ${String(has)} free, ${String(needs)} are needed`,
  });
}
