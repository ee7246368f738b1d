import { describe, expect, it } from '@jest/globals';
import { backendDatabase, parseBusyTicks, parseProcessStat } from './proc-stat.js';

const tail = '0 0 0 0 70 30 5 2 20 0 11 0 100 0 0';

describe('/proc', () => {
  it('refuses what is no process', () => {
    expect(parseProcessStat('')).toBeUndefined();
    expect(parseProcessStat('12 (short) S 1')).toBeUndefined();
  });

  it('reads the times of a process whose name has blanks and brackets', () => {
    const text = `42 (a) b (c) S 7 42 42 0 -1 0 ${tail}`;
    expect(parseProcessStat(text)).toEqual({ pid: 42, parent: 7, own: 100, endedChildren: 7 });
  });

  it('counts as busy what processes used, neither idle time nor interrupts', () => {
    expect(parseBusyTicks('cpu  100 5 50 9999 3 7 8 0 0 0\ncpu0 1 1 1')).toBe(155);
  });

  it('finds the database of a PostgreSQL session in its title', () => {
    const title = (text: string) => backendDatabase(`postgres: ${text}`);
    expect(title('v-approle-acme-erp-x erp 127.0.0.1(51234) idle')).toBe('erp');
    expect(title('ecluse_door ecluse 127.0.0.1(51234) INSERT')).toBe('ecluse');
    expect(title('checkpointer ')).toBeUndefined();
    expect(backendDatabase('node erp 127.0.0.1(1)')).toBeUndefined();
  });
});
