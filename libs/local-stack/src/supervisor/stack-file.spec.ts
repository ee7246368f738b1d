import { describe, expect, it } from '@jest/globals';
import { checkLayout, LAYOUT_VERSION } from './stack-file.js';

describe('checkLayout', () => {
  it.each([
    ['a newer layout', { layout: LAYOUT_VERSION + 1 }, 'layout 2'],
    ['an older layout', { layout: 0 }, 'layout 0'],
    ['something else', ['x'], 'an unknown layout'],
    ['data without the file', undefined, 'no readable stack.json beside existing data'],
  ])('refuses %s', (_case, content, found) => {
    expect(checkLayout(content, true)).toEqual({ kind: 'foreign', found });
  });

  it('takes an empty folder', () => {
    expect(checkLayout(undefined, false)).toEqual({ kind: 'fresh' });
  });

  it('keeps known ports and drops what it does not know', () => {
    expect(checkLayout({ layout: LAYOUT_VERSION, ports: { door: 1, vault: 'x', other: 2 } }, true)).toEqual({
      kind: 'usable',
      file: { layout: LAYOUT_VERSION, ports: { door: 1 } },
    });
  });
});
