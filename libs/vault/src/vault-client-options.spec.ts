import { describe, expect, it } from '@jest/globals';
import { createVaultClient } from './index.js';

const login = { roleId: 'r', secretId: 's', name: 'door' };

describe('createVaultClient', () => {
  it.each([
    ['no URL', { addr: 'vault:8200' }],
    ['another scheme', { addr: 'file:///vault' }],
    ['plain HTTP to another machine', { addr: 'http://vault.internal:8200' }],
    ['a path', { addr: 'https://vault/v1' }],
    ['a user', { addr: 'https://canary:canary@vault' }],
    ['two secret ids', { addr: 'https://vault', secretIdFile: '/canary' }],
  ])('refuses %s without showing it', (_name, options) => {
    const attempt = (): unknown => createVaultClient({ ...login, ...options });
    expect(attempt).toThrow(expect.objectContaining({ code: 'ECL-7001' }));
    expect(attempt).not.toThrow('canary');
  });

  it.each([
    'https://vault.internal:8200',
    'http://127.0.0.1:8705',
    'http://[::1]:8705',
    'http://localhost:8705/',
  ])('takes %s and makes no request', (addr) => {
    expect(createVaultClient({ ...login, addr }).tokenEpoch()).toMatchObject({ epoch: 0, remainingMs: 0 });
  });

  it('refuses no secret id at all', () => {
    expect(() => createVaultClient({ addr: 'https://vault', roleId: 'r', name: 'door' })).toThrow(
      expect.objectContaining({ code: 'ECL-7001' }),
    );
  });
});
