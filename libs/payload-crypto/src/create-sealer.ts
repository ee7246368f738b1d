import { decryptBytes, encryptBytes } from './aes-gcm.js';
import { OpeningKeys } from './opening-keys.js';
import type { DataKeySource, Sealer } from './sealer.js';
import { SealingKeys } from './sealing-keys.js';

export interface SealerOptions {
  /** Milliseconds. Default 600000. */
  maxKeyAgeMs?: number;
  /** Default 2^20. */
  maxMessagesPerKey?: number;
  /** Opened data keys kept. Default 10000. */
  openedKeysKept?: number;
  /** Monotonic milliseconds. Default `performance.now`. */
  now?: () => number;
}

/**
 * Envelope encryption with cached data keys: Vault is asked once per ten minutes and key, not per message, and an
 * outage of up to twenty minutes is not noticed by those who seal.
 */
export function createSealer(source: DataKeySource, options: SealerOptions = {}): Sealer {
  const opening = new OpeningKeys(source, options.openedKeysKept ?? 10_000);
  const sealing = new SealingKeys(
    source,
    { maxAgeMs: options.maxKeyAgeMs ?? 600_000, maxMessages: options.maxMessagesPerKey ?? 2 ** 20 },
    options.now ?? (() => performance.now()),
    (keyName, key) => {
      opening.learn(keyName, key);
    },
  );
  return {
    async seal(keyName, plain, aad) {
      const key = await sealing.take(keyName);
      return { ciphertext: encryptBytes(key.plain, plain, aad), wrappedKey: key.wrapped, keyName };
    },
    async open(sealed, aad) {
      return decryptBytes(await opening.open(sealed.keyName, sealed.wrappedKey), sealed.ciphertext, aad);
    },
  };
}
