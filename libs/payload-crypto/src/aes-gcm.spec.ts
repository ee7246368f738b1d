import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decryptBytes, encryptBytes } from './aes-gcm.js';

const key = randomBytes(32);
const bytes = fc.uint8Array({ maxLength: 300 });

describe('AES-256-GCM envelope', () => {
  it('refuses what is too short to hold nonce and tag', () => {
    for (const length of [0, 11, 12, 27]) {
      expect(() => decryptBytes(key, Buffer.alloc(length), '')).toThrow(
        expect.objectContaining({ code: 'ECL-3006' }),
      );
    }
  });

  it('refuses any changed byte, another place and another key, without telling what was inside', () => {
    const changed = fc.record({ plain: bytes, position: fc.nat(), flip: fc.integer({ min: 1, max: 255 }) });
    fc.assert(
      fc.property(changed, ({ plain, position, flip }) => {
        const sealed = encryptBytes(key, plain, 'here');
        const tampered = Buffer.from(sealed);
        const at = position % tampered.length;
        tampered[at] = (tampered[at] ?? 0) ^ flip;
        const refusal = expect.objectContaining({ code: 'ECL-3006' });
        expect(() => decryptBytes(key, tampered, 'here')).toThrow(refusal);
        expect(() => decryptBytes(key, sealed, 'there')).toThrow(refusal);
        expect(() => decryptBytes(randomBytes(32), sealed, 'here')).toThrow(refusal);
      }),
    );
    const sealed = encryptBytes(key, Buffer.from('canary-91d2'), 'here');
    expect(() => decryptBytes(key, sealed, 'there')).not.toThrow('canary');
  });

  it('refuses a tag that was cut', () => {
    const sealed = encryptBytes(key, Buffer.from('text'), 'here');
    expect(() => decryptBytes(key, sealed.subarray(0, -4), 'here')).toThrow('ECL-3006');
  });

  it('gives back what it was given, and never the same text twice', () => {
    fc.assert(
      fc.property(bytes, fc.string(), (plain, aad) => {
        const sealed = encryptBytes(key, plain, aad);
        expect(Buffer.compare(decryptBytes(key, sealed, aad), plain)).toBe(0);
        expect(sealed.length).toBe(plain.length + 28);
        expect(sealed.equals(encryptBytes(key, plain, aad))).toBe(false);
      }),
    );
  });
});
