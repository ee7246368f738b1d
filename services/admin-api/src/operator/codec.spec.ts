import { describe, expect, it } from '@jest/globals';
import { decodePayloads, type PayloadDecoder } from './codec.js';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const encrypted = { metadata: { encoding: base64('binary/encrypted') }, data: base64('ciphertext') };
const plain = { metadata: { encoding: base64('json/plain') }, data: base64('"canary"') };
const decrypts: PayloadDecoder = {
  decode: (payloads) =>
    Promise.resolve(
      payloads.map(() => ({
        metadata: { encoding: Buffer.from('json/plain') },
        data: Buffer.from('"canary"'),
      })),
    ),
};

describe('decodePayloads', () => {
  it.each([
    ['nothing', undefined],
    ['an array', []],
    ['no payloads', {}],
    ['too many payloads', { payloads: Array.from({ length: 2001 }, () => plain) }],
    ['a payload that is text', { payloads: ['x'] }],
    ['metadata that is no map', { payloads: [{ metadata: 'x', data: '' }] }],
    ['metadata of numbers', { payloads: [{ metadata: { a: 1 }, data: '' }] }],
    ['data that is no text', { payloads: [{ metadata: {}, data: 1 }] }],
  ])('refuses %s', async (_name, body) => {
    await expect(decodePayloads(decrypts, body)).rejects.toMatchObject({ code: 'ECL-6004' });
  });

  it('never answers with ciphertext', async () => {
    const passive: PayloadDecoder = { decode: (payloads) => Promise.resolve(payloads) };
    await expect(decodePayloads(passive, { payloads: [encrypted] })).rejects.toMatchObject({
      code: 'ECL-6004',
    });
  });

  it('fails when the decoder fails, and when it takes too long', async () => {
    const failing: PayloadDecoder = { decode: () => Promise.reject(new Error('sealed')) };
    await expect(decodePayloads(failing, { payloads: [encrypted] })).rejects.toThrow('sealed');
    const hanging: PayloadDecoder = { decode: () => new Promise(() => undefined) };
    await expect(decodePayloads(hanging, { payloads: [encrypted] }, 5)).rejects.toMatchObject({
      code: 'ECL-3001',
    });
  });

  it('answers decoded payloads in order', async () => {
    expect(await decodePayloads(decrypts, { payloads: [encrypted, encrypted] })).toEqual({
      payloads: [plain, plain],
    });
  });
});
