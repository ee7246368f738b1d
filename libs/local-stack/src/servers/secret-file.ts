import { randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { errorCode } from '../system-error.js';

/**
 * Writes a secret so that the file is either the old one or the complete new one, on disk, mode 0600.
 */
export async function writeSecretFile(file: string, content: string): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}

/** The content of a secret file, without surrounding blanks; undefined when the file does not exist. */
export async function readSecretFile(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** The secret kept in `file`; made on the first call: 24 random bytes, base64url. */
export async function keptSecret(file: string): Promise<string> {
  const kept = await readSecretFile(file);
  if (kept !== undefined && kept !== '') return kept;
  const secret = randomBytes(24).toString('base64url');
  await writeSecretFile(file, secret);
  return secret;
}
