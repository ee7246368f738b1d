import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { loadConfig, summarise } from '@ecluse/config';
import { IngressConfig } from './ingress.config.js';

const folder = mkdtempSync(join(tmpdir(), 'ecluse-config-'));
function file(name: string): string {
  const path = join(folder, name);
  writeFileSync(path, `postgresql://canary-${name}@localhost/x`, { mode: 0o600 });
  return path;
}
const DOOR = {
  ECLUSE_VAULT_ADDR: 'http://127.0.0.1:8705',
  ECLUSE_DOOR_DATABASE_URL_FILE: file('door'),
  ECLUSE_DOOR_VAULT_ROLE_ID: 'role-of-the-door',
  ECLUSE_DOOR_VAULT_SECRET_ID_FILE: file('door-secret-id'),
};
const DISPATCHER = {
  ECLUSE_TEMPORAL_ADDRESS: '127.0.0.1:8703',
  ECLUSE_DISPATCHER_DATABASE_URL_FILE: file('dispatcher'),
  ECLUSE_DISPATCHER_VAULT_ROLE_ID: 'role-of-the-dispatcher',
  ECLUSE_DISPATCHER_VAULT_SECRET_ID_FILE: file('dispatcher-secret-id'),
};

describe('IngressConfig', () => {
  it.each([
    ['the dispatcher without its identity', { ...DOOR }],
    ['the door without its identity', { ...DISPATCHER, ECLUSE_VAULT_ADDR: DOOR.ECLUSE_VAULT_ADDR }],
    ['an unknown role', { ...DOOR, ...DISPATCHER, ECLUSE_INGRESS_ROLE: 'gate' }],
    ['an unknown variable', { ...DOOR, ...DISPATCHER, ECLUSE_DOOR_VERIFY: 'false' }],
    ['a body limit beyond reason', { ...DOOR, ...DISPATCHER, ECLUSE_DOOR_MAX_BODY_BYTES: '999999999' }],
    ['a stale cache without bound', { ...DOOR, ...DISPATCHER, ECLUSE_DOOR_SECRET_CACHE_SECONDS: '86400' }],
    ['an address without a port', { ...DOOR, ...DISPATCHER, ECLUSE_TEMPORAL_ADDRESS: 'localhost' }],
  ])('refuses %s', (_name, environment) => {
    expect(() => loadConfig(IngressConfig, environment)).toThrow('ECL-7001');
  });

  it('needs only the identity of the part that runs', () => {
    expect(loadConfig(IngressConfig, { ...DOOR, ECLUSE_INGRESS_ROLE: 'door' }).doorPort).toBe(8700);
    const dispatcher = {
      ...DISPATCHER,
      ECLUSE_VAULT_ADDR: DOOR.ECLUSE_VAULT_ADDR,
      ECLUSE_INGRESS_ROLE: 'dispatcher',
    };
    expect(loadConfig(IngressConfig, dispatcher).dispatcherPollSeconds).toBe(5);
  });

  it('shows no secret in its summary', () => {
    const config = loadConfig(IngressConfig, { ...DOOR, ...DISPATCHER });
    expect(JSON.stringify(summarise(IngressConfig, config))).not.toContain('canary');
  });
});
