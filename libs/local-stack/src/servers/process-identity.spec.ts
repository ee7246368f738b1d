import { describe, expect, it } from '@jest/globals';
import { parseProcStat } from './process-identity.js';

const REST = '1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 424242 20';

describe('a line of /proc/<pid>/stat', () => {
  it.each(['', '12 (cut', '12 (sh) S 1 2'])('that is incomplete is refused: "%s"', (line) => {
    expect(parseProcStat(line)).toBeUndefined();
  });

  it.each(['sh', 'a b', '(odd) name)', ') S 1 1'])(
    'gives state and start time for a process called "%s"',
    (name) => {
      expect(parseProcStat(`12 (${name}) S ${REST}\n`)).toEqual({ state: 'S', startTime: '424242' });
    },
  );
});
