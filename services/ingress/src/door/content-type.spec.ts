import { describe, expect, it } from '@jest/globals';
import { mediaType } from './content-type.js';

describe('mediaType', () => {
  it.each([
    '',
    'json',
    'application/json; charset=utf-16',
    'application/json; charset="latin1"',
    'application/json, text/plain',
    'a/b/c',
  ])('refuses %j', (value) => {
    expect(mediaType(value)).toBeUndefined();
  });
  it.each(['application/json', 'Application/JSON ; charset=UTF-8', 'application/json;charset="utf-8"'])(
    'reads %j',
    (value) => {
      expect(mediaType(value)).toBe('application/json');
    },
  );
});
