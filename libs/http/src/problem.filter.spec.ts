import { BadRequestException, NotFoundException } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import { EcluseError } from '@ecluse/errors';
import { toEcluseError } from './index.js';

describe('toEcluseError', () => {
  it.each([
    [new NotFoundException(), 'ECL-6012'],
    [new BadRequestException('x'), 'ECL-6004'],
    [Object.assign(new Error('too large'), { statusCode: 413 }), 'ECL-1003'],
    [Object.assign(new Error('media type'), { statusCode: 415 }), 'ECL-1004'],
    [new Error('secret inside'), 'ECL-6011'],
    ['text', 'ECL-6011'],
    [new EcluseError('NOT_FOUND'), 'ECL-6003'],
  ])('maps %s to %s', (thrown, code) => {
    expect(toEcluseError(thrown).code).toBe(code);
  });

  it('keeps the text of a foreign error out of the answer', () => {
    expect(toEcluseError(new Error('secret inside')).message).not.toContain('secret');
  });
});
