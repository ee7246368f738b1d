import { describe, expect, it } from '@jest/globals';
import {
  classifyVaultFailure,
  toVaultError,
  VAULT_FAILURE_RULES,
  type VaultFailure,
} from './vault-failure.js';

const answer = (status: number, ...messages: string[]): VaultFailure => ({ status, messages });
const silence = (transportCode: string): VaultFailure => ({ status: 0, transportCode, messages: [] });

describe('classification of Vault failures', () => {
  it.each<[string, VaultFailure, string, string]>([
    ['connection refused', silence('ECONNREFUSED'), 'VAULT_UNAVAILABLE', 'always'],
    ['unknown host', silence('ENOTFOUND'), 'VAULT_UNAVAILABLE', 'always'],
    ['reset in the middle', silence('ECONNRESET'), 'VAULT_UNAVAILABLE', 'idempotent'],
    ['time ran out', silence('TimeoutError'), 'VAULT_UNAVAILABLE', 'idempotent'],
    ['certificate expired', silence('CERT_HAS_EXPIRED'), 'VAULT_MISUSED', 'never'],
    ['wrong host name', silence('ERR_TLS_CERT_ALTNAME_INVALID'), 'VAULT_MISUSED', 'never'],
    ['unknown authority', silence('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'VAULT_MISUSED', 'never'],
    ['sealed', answer(503, 'Vault is sealed'), 'VAULT_UNAVAILABLE', 'never'],
    ['quota', answer(429, 'request path "x": rate limit quota exceeded'), 'VAULT_UNAVAILABLE', 'never'],
    ['audit blocked', answer(500, 'internal error'), 'VAULT_UNAVAILABLE', 'idempotent'],
    [
      'just started',
      answer(500, 'local node not active but active cluster node not found'),
      'VAULT_UNAVAILABLE',
      'always',
    ],
    [
      'too large a document',
      answer(500, 'JSON string value exceeds allowed length'),
      'VAULT_MISUSED',
      'never',
    ],
    ['role not allowed', answer(500, '"acme-erp" is not an allowed role'), 'VAULT_MISUSED', 'never'],
    [
      'missing group role',
      answer(500, 'ERROR: role "erp_rw" does not exist (SQLSTATE 42704)'),
      'CREDENTIAL_MISSING',
      'never',
    ],
    [
      'stale token',
      answer(403, '2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n'),
      'VAULT_DENIED',
      'relogin',
    ],
    ['policy', answer(403, '1 error occurred:\n\t* permission denied\n\n'), 'VAULT_DENIED', 'never'],
    ['bad secret id', answer(400, 'invalid role or secret ID'), 'VAULT_DENIED', 'never'],
    ['unknown role', answer(400, 'unknown role: acme-crm'), 'CREDENTIAL_MISSING', 'never'],
    ['destroyed key', answer(400, 'encryption key not found'), 'CREDENTIAL_MISSING', 'never'],
    ['lease gone', answer(400, 'lease not found'), 'CREDENTIAL_MISSING', 'never'],
    ['nothing there', answer(404), 'CREDENTIAL_MISSING', 'never'],
    ['no engine', answer(404, 'no handler for route "kv2/data/x"'), 'VAULT_MISUSED', 'never'],
    ['redirect', answer(307), 'VAULT_MISUSED', 'never'],
    ['method', answer(405, 'unsupported operation'), 'VAULT_MISUSED', 'never'],
    [
      'check-and-set',
      answer(400, 'check-and-set parameter did not match the current version'),
      'VAULT_MISUSED',
      'never',
    ],
  ])('%s', (_name, failure, error, repeat) => {
    expect(classifyVaultFailure(failure)).toMatchObject({ error, repeat });
  });

  it('has a last rule that fits everything', () => {
    expect(VAULT_FAILURE_RULES.at(-1)?.statuses).toBe('any');
    expect(classifyVaultFailure(answer(418))).toBe(VAULT_FAILURE_RULES.at(-1));
  });

  it('tells path, status and SQLSTATE, and nothing that Vault quoted', () => {
    const failure = answer(500, `ERROR: syntax error at or near "PASSWORD 'canary-7f3a'" (SQLSTATE 42601)`);
    const error = toVaultError('database/creds/acme-erp', failure);
    expect(error.message).toContain('database/creds/acme-erp');
    expect(error.message).toContain('SQLSTATE 42601');
    expect(JSON.stringify([error.message, error.detail, error.cause])).not.toContain('canary');
  });

  it('passes Retry-After on', () => {
    expect(toVaultError('kv', { ...answer(429), retryAfterSeconds: 7 }).retryAfterSeconds).toBe(7);
    expect(toVaultError('kv', answer(503, 'Vault is sealed')).retryAfterSeconds).toBe(15);
  });
});
