import { describe, expect, it } from '@jest/globals';
import { parseAssignments } from './current-variables.js';

describe('parseAssignments', () => {
  it.each(['name', '=value', ''])('refuses %p', (assignment) => {
    expect(() => parseAssignments([assignment])).toThrow('ECL-7008');
  });

  it('keeps everything after the first equals sign', () => {
    expect(parseAssignments(['a=1', 'b=x=y', 'c='])).toEqual({ a: '1', b: 'x=y', c: '' });
  });
});
