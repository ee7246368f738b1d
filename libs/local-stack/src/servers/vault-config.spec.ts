import { describe, expect, it } from '@jest/globals';
import { stackHome } from '../stack-home.js';
import { vaultConfig } from './vault-server.js';

const options = { home: stackHome('/data'), binary: '/bin/vault', port: 8705, clusterPort: 8706 };

describe('the configuration of Vault', () => {
  it('listens on loopback only and keeps its data in the home', () => {
    const config = vaultConfig(options);
    expect(config.match(/\d+\.\d+\.\d+\.\d+/g)).toEqual(['127.0.0.1', '127.0.0.1', '127.0.0.1']);
    expect(config).toContain('path = "/data/vault/raft"');
    expect(config).not.toContain('plugin_directory');
  });

  it('takes a path as it is, whatever it contains', () => {
    const config = vaultConfig({ ...options, pluginDirectory: '/my "own" x\\plugins' });
    expect(config).toContain('plugin_directory = "/my \\"own\\" x\\\\plugins"\n');
  });
});
