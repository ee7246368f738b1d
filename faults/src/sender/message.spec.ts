import { expect, it } from '@jest/globals';
import { message } from './message.js';

it('makes a body of exactly the bytes asked for', () => {
  const options = { kind: 'pair', id: 'm', key: 'k', seq: 1, canary: 'c' } as const;
  expect(message({ ...options, bytes: 1_048_576 }).body).toHaveLength(1_048_576);
});
