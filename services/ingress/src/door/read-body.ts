import type { Readable } from 'node:stream';
import { EcluseError } from '@ecluse/errors';
import type { RoomShare } from './in-flight-bytes.js';
import { retryAfterSeconds } from './retry-after.js';

/**
 * Reads a body up to `limit` bytes and stops at the first byte beyond, whatever was declared. Throws
 * BODY_TOO_LARGE, INBOX_UNAVAILABLE when `room` has none for it, BODY_MALFORMED when the sender breaks off.
 */
export async function readBody(payload: Readable, limit: number, room: RoomShare): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > limit) refuse(new EcluseError('BODY_TOO_LARGE'));
      else if (room.take(chunk.length)) chunks.push(chunk);
      else refuse(noRoom());
    };
    // A promise settles once: what comes after the end, or after a refusal, changes nothing.
    const refuse = (error: EcluseError): void => {
      payload.off('data', onData).pause();
      reject(error);
    };
    payload.on('data', onData);
    payload.on('end', () => {
      const [only] = chunks;
      resolve(only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks, bytes));
    });
    payload.on('error', (cause) => {
      refuse(new EcluseError('BODY_MALFORMED', { detail: 'the body could not be received', cause }));
    });
    payload.on('close', () => {
      if (!payload.readableEnded) refuse(new EcluseError('BODY_MALFORMED', { detail: 'the body broke off' }));
    });
  });
}

/** More bodies at once than the door holds. */
export function noRoom(): EcluseError {
  return new EcluseError('INBOX_UNAVAILABLE', {
    detail: 'no room for another body',
    retryAfterSeconds: retryAfterSeconds(),
  });
}
