import { isEcluseError } from '@ecluse/errors';
import type { VaultClient } from '@ecluse/vault';
import type { SecretPlace, SecretWriter } from '../ports.js';

/** Writes secrets into Vault's key-value engine. Its policy has no `read`: nothing comes back. */
export class VaultSecretWriter implements SecretWriter {
  constructor(private readonly vault: VaultClient) {}

  async put(place: SecretPlace, secretId: string, value: string): Promise<void> {
    if (await this.patch(place, { [secretId]: value })) return;
    try {
      // cas 0: only where nothing exists, so that a secret written meanwhile is not lost.
      await this.vault.write(pathOf(place), { options: { cas: 0 }, data: { [secretId]: value } });
    } catch (error) {
      if (!isEcluseError(error, 'VAULT_MISUSED') || !(await this.patch(place, { [secretId]: value })))
        throw error;
    }
  }

  async remove(place: SecretPlace, secretId: string): Promise<void> {
    await this.patch(place, { [secretId]: null });
  }

  /** Changes one key and leaves the others. False where there is nothing to change yet. */
  private async patch(place: SecretPlace, data: Record<string, string | null>): Promise<boolean> {
    try {
      await this.vault.patch(pathOf(place), { data });
      return true;
    } catch (error) {
      if (isEcluseError(error, 'CREDENTIAL_MISSING')) return false;
      throw error;
    }
  }
}

function pathOf({ kind, tenant, name }: SecretPlace): string[] {
  return ['kv', 'data', kind, tenant, name];
}
