import { EcluseError } from '@ecluse/errors';

const SEGMENT = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/**
 * Joins path segments after checking each. Encoding alone is not enough: `fetch` resolves `..` and `%2e%2e`,
 * and Vault decodes `%2F`, so a hostile name could reach `sys/`. Throws VAULT_MISUSED without showing the segment.
 */
export function vaultPath(segments: readonly string[]): string {
  if (segments.length === 0) throw new EcluseError('VAULT_MISUSED', { detail: 'empty path' });
  segments.forEach((segment, index) => {
    if (!SEGMENT.test(segment)) {
      throw new EcluseError('VAULT_MISUSED', {
        detail: `path segment ${index + 1} has characters that are not allowed`,
      });
    }
  });
  return segments.join('/');
}
