import { randomBytes } from 'node:crypto';

/** `prefix-<12 hex digits>`: lets specs share servers without meeting each other. Fits every name rule of Ecluse. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${randomBytes(6).toString('hex')}`;
}
