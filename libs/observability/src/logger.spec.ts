import { describe, expect, it } from '@jest/globals';
import { createLogger } from './index.js';

function capture(): { lines: string[]; destination: { write(line: string): void } } {
  const lines: string[] = [];
  return { lines, destination: { write: (line) => void lines.push(line) } };
}

describe('createLogger', () => {
  it('writes allowlisted fields and drops every other', () => {
    const { lines, destination } = capture();
    const fields = { deliveryId: 'd1', body: { email: 'jane@canary.example' } } as Record<string, unknown>;
    createLogger('door', 'info', destination).info('accepted', fields);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ service: 'door', msg: 'accepted', deliveryId: 'd1' });
    expect(lines.join()).not.toContain('canary');
  });

  it.each([
    'hvs.CAESIJ0123456789012345678901',
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    'Bearer abcdefghijklmnop',
    'ecl_abcdefghijkl_0123456789012345678901234567890123456789abc',
    '-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----',
  ])('redacts %s in messages, fields, nested values and errors', (secret) => {
    const { lines, destination } = capture();
    const log = createLogger('door', 'info', destination);
    log.error(`failed with ${secret}`, {
      reason: secret,
      config: { nested: secret },
      error: new Error(`sent ${secret}`, { cause: new Error(secret) }),
    });
    expect(lines.join()).not.toContain(secret);
    expect(lines.join()).not.toContain(JSON.stringify(secret).slice(1, -1));
    expect(lines.join()).toContain('[redacted]');
  });

  it('redacts the password of a URL', () => {
    const { lines, destination } = capture();
    createLogger('door', 'info', destination).info('postgresql://ecluse_door:hunter2@127.0.0.1:8707/ecluse');
    expect(lines.join()).not.toContain('hunter2');
    expect(lines.join()).toContain('ecluse_door');
  });

  it('writes name, code and message of an error, not its properties', () => {
    const { lines, destination } = capture();
    const error = Object.assign(new Error('refused'), {
      code: 'ECONNREFUSED',
      config: { headers: 'canary' },
    });
    createLogger('door', 'info', destination).warn('call failed', { error });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ error: { message: 'refused', code: 'ECONNREFUSED' } });
    expect(lines.join()).not.toContain('canary');
  });
});
