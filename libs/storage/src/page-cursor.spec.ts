import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isEcluseError } from '@ecluse/errors';
import { decodeCursor, encodeCursor } from './page-cursor.js';

const ANY = /^[\s\S]*$/;

function refused(cursor: string, shape: RegExp[]): boolean {
  try {
    decodeCursor(cursor, shape);
    return false;
  } catch (error) {
    if (!isEcluseError(error, 'REQUEST_INVALID')) throw error;
    return true;
  }
}

describe('decodeCursor', () => {
  it('refuses garbage with REQUEST_INVALID and nothing else', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        refused(text, [/^\d+$/]);
      }),
    );
    expect(refused('', [ANY])).toBe(true);
    expect(refused('x'.repeat(2000), [ANY])).toBe(true);
    expect(refused(Buffer.from('{"a":1}').toString('base64url'), [ANY])).toBe(true);
    expect(refused(Buffer.from('[null]').toString('base64url'), [ANY])).toBe(true);
    expect(refused(Buffer.from('[{"a":1}]').toString('base64url'), [ANY])).toBe(true);
  });

  it('refuses the cursor of a list with other keys', () => {
    expect(refused(encodeCursor(['deal-won']), [/^\d+$/])).toBe(true);
    expect(refused(encodeCursor(['1', '2']), [/^\d+$/])).toBe(true);
  });

  it('gives back what was encoded', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 40 }), { minLength: 1, maxLength: 3 }), (keys) => {
        expect(
          decodeCursor(
            encodeCursor(keys),
            keys.map(() => ANY),
          ),
        ).toEqual(keys);
      }),
    );
  });
});
