import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { EcluseError } from '@ecluse/errors';
import { errorCode, isDiskFull } from '../system-error.js';

/**
 * Replaces a file as a whole: a reader sees the old or the new text, also after a crash. Its folder must exist.
 * Throws `DISK_FULL` (ECL-2005) naming the file.
 */
export async function writeFileAtomically(path: string, text: string, mode = 0o644): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`;
  try {
    const file = await open(draft, 'wx', mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    if (isDiskFull(error))
      throw new EcluseError('DISK_FULL', { detail: `cannot write ${path}`, cause: error });
    throw error;
  }
}

/** The parsed JSON of a file; undefined when there is no such file or it is not JSON. */
export async function readJsonFile(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
