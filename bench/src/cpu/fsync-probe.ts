import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { percentile } from '../statistics.js';

/** Milliseconds for a write of 8 KiB to be durable. */
export interface FsyncLatency {
  readonly p50: number;
  readonly p99: number;
}

/** Writes and flushes on the volume of `folder`, as PostgreSQL's log does. */
export function probeFsync(folder: string, count = 200): FsyncLatency {
  const file = join(folder, 'fsync-probe');
  const descriptor = openSync(file, 'w');
  const page = Buffer.alloc(8_192, 1);
  try {
    const latencies = Array.from({ length: count }, () => {
      const begun = performance.now();
      writeSync(descriptor, page);
      fdatasyncSync(descriptor);
      return performance.now() - begun;
    });
    return { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) };
  } finally {
    closeSync(descriptor);
    rmSync(file);
  }
}
