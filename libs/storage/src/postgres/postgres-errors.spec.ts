import { describe, expect, it } from '@jest/globals';
import { EcluseError } from '@ecluse/errors';
import { isConnectionLost, translateError } from './postgres-errors.js';

function failure(code: string, message = 'secret value', more: object = {}): Error {
  return Object.assign(new Error(message), { code, ...more });
}
const name = (error: unknown): string => translateError(error, 'STORE_UNAVAILABLE').errorName;

describe('translateError', () => {
  it.each([
    '08006',
    '57P01',
    '57P03',
    '57014',
    '53300',
    '40001',
    '40P01',
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
  ])('takes %s for an outage that passes', (code) => {
    const error = translateError(failure(code), 'INBOX_UNAVAILABLE');
    expect(error.errorName).toBe('INBOX_UNAVAILABLE');
    expect(error.retryAfterSeconds).toBeGreaterThan(0);
  });

  it.each([
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'timeout exceeded when trying to connect',
    'Query read timeout',
  ])('takes "%s" for an outage, though it has no code', (message) => {
    expect(name(new Error(message))).toBe('STORE_UNAVAILABLE');
  });

  it('names a full disk', () => {
    expect(name(failure('53100'))).toBe('DISK_FULL');
    expect(name(failure('ENOSPC'))).toBe('DISK_FULL');
    expect(name(failure('58030', 'could not extend file: No space left on device'))).toBe('DISK_FULL');
  });

  it('blames the caller for a value that no column takes, and itself for the rest', () => {
    expect(name(failure('22P05'))).toBe('REQUEST_INVALID');
    expect(name(failure('23505'))).toBe('INTERNAL');
    expect(name('nonsense')).toBe('INTERNAL');
    expect(name(undefined)).toBe('INTERNAL');
  });

  it('passes our own errors on', () => {
    const own = new EcluseError('NOT_FOUND');
    expect(translateError(own, 'STORE_UNAVAILABLE')).toBe(own);
  });

  it('leaves statement, parameters, message and detail behind, and keeps where it happened', () => {
    const driverError = failure('23505', 'duplicate of canary-1', {
      ...{ detail: 'Key (x)=(canary-2) exists', table: 'inbox', constraint: 'inbox_pk' },
    });
    const wrapped = Object.assign(new Error('failed for canary-3'), {
      ...{ driverError, query: "SELECT 'canary-4'", parameters: ['canary-5'] },
    });
    const error = translateError(wrapped, 'STORE_UNAVAILABLE');
    const cause = error.cause as Error;
    const told = [
      error.message,
      error.stack,
      cause.message,
      cause.stack,
      JSON.stringify(error),
      JSON.stringify(cause),
    ];
    expect(told.join('\n')).not.toContain('canary');
    expect(cause.message).toBe('PostgreSQL 23505, table inbox, constraint inbox_pk');
  });
});

describe('isConnectionLost', () => {
  it('gives up a connection that was cut or went silent, and keeps one whose statement failed', () => {
    for (const code of ['57P01', '08006', 'ECONNRESET']) expect(isConnectionLost(failure(code))).toBe(true);
    expect(isConnectionLost(new Error('Query read timeout'))).toBe(true);
    for (const code of ['57014', '23505', '40P01', '53100'])
      expect(isConnectionLost(failure(code))).toBe(false);
  });
});
