import { readFileSync } from 'node:fs';
import type { ErrorDetail } from '@ecluse/errors';

/** Reads a secret from the file that a `*_FILE` variable names; the error names the variable and the path only. */
export function readSecretFile(name: string, path: string): { value: string } | { error: ErrorDetail } {
  try {
    const value = readFileSync(path, 'utf8').trim();
    if (value === '') return { error: { message: `${name}: the file ${path} is empty` } };
    return { value };
  } catch (error) {
    const code =
      typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unreadable';
    return { error: { message: `${name}: the file ${path} cannot be read (${code})` } };
  }
}
