import { describe, expect, it } from '@jest/globals';
import { OUTCOME_CLASSES } from '@ecluse/contracts';
import { classifySqlError, SQLSTATE_OUTCOMES } from './classify.js';

/** As the driver gives it; message and detail hold the row. */
function serverError(code: string, names: Record<string, string> = {}): Error {
  return Object.assign(new Error('duplicate key: (email)=(jane@canary.example)'), {
    severity: 'ERROR',
    detail: 'Key (email)=(jane@canary.example) already exists.',
    code,
    ...names,
  });
}
function systemError(code: string): Error {
  return Object.assign(new Error(`connect ${code} 10.0.0.1:5432`), { code });
}

describe('classifySqlError', () => {
  it.each([
    ['28P01', 'connect', 'auth_stale'],
    ['28000', 'connect', 'auth_stale'],
    ['57P01', 'statement', 'auth_stale'],
    ['42501', 'statement', 'forbidden'],
    ['23505', 'statement', 'duplicate'],
    ['23503', 'statement', 'missing_dependency'],
    ['23514', 'statement', 'invalid'],
    ['22P02', 'statement', 'invalid'],
    ['42P01', 'statement', 'contract_drift'],
    ['42703', 'statement', 'contract_drift'],
    ['25006', 'statement', 'contract_drift'],
    ['40001', 'statement', 'transient'],
    ['40P01', 'statement', 'transient'],
    ['55P03', 'statement', 'transient'],
    ['57014', 'statement', 'transient'],
    ['53300', 'connect', 'transient'],
    ['57P03', 'connect', 'transient'],
    ['P0001', 'statement', 'business_limit'],
    ['99999', 'statement', 'transient'],
  ] as const)('%s while in %s is %s', (code, phase, outcome) => {
    expect(classifySqlError(serverError(code), phase, 'write')).toMatchObject({ outcome, vendorCode: code });
  });

  it.each([
    ['23505', 'duplicate'],
    ['40001', 'transient'],
    ['P0001', 'business_limit'],
    ['40003', 'ambiguous'],
    ['57P01', 'ambiguous'],
    ['57014', 'ambiguous'],
  ] as const)('%s while committing is %s: only a proven rollback is no doubt', (code, outcome) => {
    expect(classifySqlError(serverError(code), 'commit', 'write').outcome).toBe(outcome);
  });

  it.each(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ENOTFOUND', 'EPIPE', 'EAI_AGAIN'])(
    '%s before the commit is transient',
    (code) => {
      expect(classifySqlError(systemError(code), 'connect', 'write').outcome).toBe('transient');
      expect(classifySqlError(systemError(code), 'statement', 'write').outcome).toBe('transient');
    },
  );

  it('is in doubt when the session breaks during the commit of a write, and not of a read', () => {
    const broken = new Error('Connection terminated unexpectedly');
    expect(classifySqlError(broken, 'commit', 'write').outcome).toBe('ambiguous');
    expect(classifySqlError(broken, 'commit', 'read').outcome).toBe('transient');
  });

  it.each([
    'CERT_HAS_EXPIRED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  ])('%s needs a person', (code) => {
    expect(classifySqlError(systemError(code), 'connect', 'write').outcome).toBe('contract_drift');
  });

  it('names constraint, table and column, never a value', () => {
    const error = serverError('23505', { constraint: 'party_email_key', table: 'party', column: 'email' });
    const { reason } = classifySqlError(error, 'statement', 'write');
    expect(reason).toBe(
      'The row exists already (23505), constraint party_email_key, table party, column email.',
    );
  });

  it('never tells the message of an error', () => {
    for (const code of Object.keys(SQLSTATE_OUTCOMES)) {
      const told = classifySqlError(serverError(code.padEnd(5, '0')), 'statement', 'write');
      expect(JSON.stringify(told)).not.toContain('canary');
      expect(OUTCOME_CLASSES).toContain(told.outcome);
    }
  });
});
