import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AnswerReader } from './answer-reader.js';

const answer = (status: number, body: string): string =>
  `HTTP/1.1 ${status} Text\r\nContent-Length: ${Buffer.byteLength(body)}\r\nx: y\r\n\r\n${body}`;

describe('answers', () => {
  it('refuses an answer whose length it cannot know', () => {
    const chunked = Buffer.from('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
    expect(() => new AnswerReader().push(chunked)).toThrow('without content-length');
  });

  it('tells which answer is the last one of its connection', () => {
    const reader = new AnswerReader();
    reader.push(Buffer.from('HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n'));
    expect(reader.closes).toBe(false);
    reader.push(Buffer.from('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\ncontent-length: 0\r\n\r\n'));
    expect(reader.closes).toBe(true);
  });

  it('finds each answer, however it is cut', () => {
    const status = fc.integer({ min: 200, max: 599 });
    fc.assert(
      fc.property(
        status,
        fc.string({ unit: 'binary' }),
        fc.integer({ min: 1, max: 30 }),
        (code, body, size) => {
          const reader = new AnswerReader();
          for (const bytes of [Buffer.from(answer(code, body)), Buffer.from(answer(202, ''))]) {
            const found: (number | undefined)[] = [];
            for (let at = 0; at < bytes.length; at += size)
              found.push(reader.push(bytes.subarray(at, at + size)));
            expect(found.filter((each) => each !== undefined)).toHaveLength(1);
            expect(found.at(-1)).toBeDefined();
          }
        },
      ),
    );
  });
});
