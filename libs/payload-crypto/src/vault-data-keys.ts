import type { VaultClient } from '@ecluse/vault';
import { EcluseError } from '@ecluse/errors';
import { ciphertextInvalid, KEY_BYTES } from './aes-gcm.js';
import type { DataKeySource } from './sealer.js';

/**
 * Data keys from Vault's transit engine. Needs `update` on `<mount>/datakey/plaintext/<key>` to create and on
 * `<mount>/decrypt/<key>` to open; without `create`, an unknown key name is CREDENTIAL_MISSING, not a new key.
 * Data keys carry no associated data: transit ignores it for them. The place is bound by the caller's `aad`.
 *
 * @param mount Default `transit-payload`.
 */
export function createVaultDataKeys(vault: VaultClient, mount = 'transit-payload'): DataKeySource {
  return {
    async create(keyName) {
      const answer = await vault.write([mount, 'datakey', 'plaintext', keyName], {}, { idempotent: true });
      const wrapped = answer.data?.['ciphertext'];
      if (typeof wrapped !== 'string') throw unexpected(keyName);
      return { plain: keyBytes(answer.data?.['plaintext'], keyName), wrapped };
    },
    async open(keyName, wrapped) {
      if (!/^vault:v[0-9]+:[A-Za-z0-9+/=]+$/.test(wrapped)) throw ciphertextInvalid('not a wrapped data key');
      const answer = await vault.write(
        [mount, 'decrypt', keyName],
        { ciphertext: wrapped },
        { idempotent: true },
      );
      return keyBytes(answer.data?.['plaintext'], keyName);
    },
  };
}

function keyBytes(plaintext: unknown, keyName: string): Buffer {
  const key = typeof plaintext === 'string' ? Buffer.from(plaintext, 'base64') : Buffer.alloc(0);
  if (key.length !== KEY_BYTES) throw unexpected(keyName);
  return key;
}

function unexpected(keyName: string): EcluseError {
  return new EcluseError('VAULT_MISUSED', { detail: `transit gave no 256-bit data key for ${keyName}` });
}
