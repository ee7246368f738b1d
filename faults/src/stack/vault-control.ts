import { join } from 'node:path';
import { readSecretFile, waitUntil, type StackHome } from '@ecluse/local-stack';

/** What an operator of Vault can do, with the root token of the stack under test. */
export class VaultControl {
  constructor(
    private readonly address: string,
    private readonly home: StackHome,
  ) {}

  async seal(): Promise<void> {
    await this.call('PUT', 'sys/seal', {});
  }

  /** Unseals and waits until Vault is active. Safe to repeat. */
  async unseal(): Promise<void> {
    const { unsealKey } = await this.keys();
    await this.call('PUT', 'sys/unseal', { key: unsealKey });
    const active = await waitUntil(
      async () => (await fetch(`${this.address}/v1/sys/health`)).status === 200,
      60_000,
    );
    if (!active) throw new Error('Vault is unsealed and does not become active');
  }

  /** Revokes every database user that a Vault role has issued. */
  async revokeUsers(role: string): Promise<void> {
    await this.call('PUT', `sys/leases/revoke-prefix/database/creds/${role}`, {});
  }

  /** Replaces the audit device by one that writes to `file`. */
  async auditTo(file: string): Promise<void> {
    await this.call('POST', 'sys/audit/small', { type: 'file', options: { file_path: file } });
    await this.call('DELETE', 'sys/audit/file');
  }

  private async keys(): Promise<{ unsealKey: string; rootToken: string }> {
    const kept = await readSecretFile(join(this.home.secrets, 'vault-init.json'));
    return JSON.parse(kept ?? '{}') as { unsealKey: string; rootToken: string };
  }

  private async call(method: string, path: string, body?: unknown): Promise<void> {
    const response = await fetch(`${this.address}/v1/${path}`, {
      method,
      headers: { 'x-vault-token': (await this.keys()).rootToken },
      signal: AbortSignal.timeout(30_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`Vault answered ${String(response.status)} to ${method} ${path}`);
    await response.arrayBuffer();
  }
}
