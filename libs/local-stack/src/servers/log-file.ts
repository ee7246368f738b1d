import { open, rename, stat } from 'node:fs/promises';

const MAX_LOG_BYTES = 20 * 1024 * 1024;

/** Before a start: moves a log over 20 MiB to `<file>.1`, in place of the one before. */
export async function makeRoom(file: string): Promise<void> {
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size > MAX_LOG_BYTES) await rename(file, `${file}.1`);
}

/** The last `lines` lines of a file, looking at no more than its last 16 KiB. Empty when there is none. */
export async function readTail(file: string, lines: number): Promise<string> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (handle === undefined) return '';
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, 16 * 1024);
    const buffer = Buffer.alloc(length);
    await handle.read(buffer, 0, length, size - length);
    return buffer.toString('utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } finally {
    await handle.close();
  }
}
