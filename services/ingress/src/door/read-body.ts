import type { Readable } from 'node:stream';
import { EcluseError } from '@ecluse/errors';

/**
 * Reads a body up to `limit` bytes and stops at the first byte beyond, whatever was declared. Throws
 * BODY_TOO_LARGE, or BODY_MALFORMED when the sender breaks off.
 */
export async function readBody(payload: Readable, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const settle = (error?: EcluseError): void => {
      payload.removeAllListeners('data').removeAllListeners('end').removeAllListeners('close');
      if (error === undefined) resolve(Buffer.concat(chunks, bytes));
      else {
        payload.pause();
        reject(error);
      }
    };
    payload.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > limit) settle(new EcluseError('BODY_TOO_LARGE'));
      else chunks.push(chunk);
    });
    payload.once('end', () => {
      settle();
    });
    payload.once('error', (cause) => {
      settle(new EcluseError('BODY_MALFORMED', { detail: 'the body could not be received', cause }));
    });
    payload.once('close', () => {
      settle(new EcluseError('BODY_MALFORMED', { detail: 'the body broke off' }));
    });
  });
}
