import { describe, expect, it } from '@jest/globals';
import { GITHUB, STANDARD_WEBHOOKS, hmac, hmacTimestamp } from './providers/catalogue.js';
import { lintScheme } from './lint-scheme.js';
import { resolveAuth } from './resolve-auth.js';

const errorsOf = (value: unknown) =>
  lintScheme(value)
    .filter(({ severity }) => severity === 'error')
    .map(({ pointer }) => pointer);

describe('lintScheme refuses', () => {
  const refusals: [string, unknown, string][] = [
    ['no object', 'github', '/kind'],
    ['an unknown kind', { ...GITHUB, kind: 'none' }, '/kind'],
    ['an unknown key', { ...GITHUB, verify: false }, '/verify'],
    ['a body that is not covered', { ...GITHUB, content: ['x'] }, '/content'],
    ['a body covered twice', { ...GITHUB, content: ['body', 'body'] }, '/content'],
    ['sha1 without legacy', { ...GITHUB, algorithm: 'sha1' }, '/algorithm'],
    ['an unknown algorithm', { ...GITHUB, algorithm: 'md5' }, '/algorithm'],
    ['a signed time outside the content', { ...hmacTimestamp(), content: ['body'] }, '/timestamp/signed'],
    [
      'a signed id outside the content',
      { ...STANDARD_WEBHOOKS, content: ['timestamp', '.', 'body'] },
      '/id/signed',
    ],
    ['a word without a source', { ...hmac(), content: ['timestamp', 'body'] }, '/content'],
    ['a word of a later version', { ...hmac(), content: ['url', 'body'] }, '/content/0'],
    ['a literal beyond ASCII', { ...hmac(), content: ['é', 'body'] }, '/content/0'],
    ['a header in upper case', hmac({ header: 'X-Signature' }), '/signature/header'],
    [
      'more candidates than the cap',
      { ...GITHUB, signature: { ...GITHUB.signature, maxCandidates: 9 } },
      '/signature/maxCandidates',
    ],
    [
      'an unknown parse',
      { ...GITHUB, signature: { ...GITHUB.signature, parse: { type: 'regex' } } },
      '/signature/parse/type',
    ],
    [
      'numbered headers without {n}',
      { ...GITHUB, signature: { ...GITHUB.signature, parse: { type: 'numberedHeaders', max: 3 } } },
      '/signature/header',
    ],
    [
      'a window without end',
      { ...hmacTimestamp(), timestamp: { ...hmacTimestamp().timestamp, pastSeconds: 1e9 } },
      '/timestamp/pastSeconds',
    ],
    [
      'a token in the body',
      { kind: 'static', secret: { encoding: 'utf8' }, token: { source: { bodyPointer: '/t' } } },
      '/token/source/bodyPointer',
    ],
    [
      'two places at once',
      { kind: 'static', secret: { encoding: 'utf8' }, token: { source: { header: 'a', query: 'b' } } },
      '/token/source',
    ],
  ];
  it.each(refusals)('%s', (_name, value, pointer) => {
    expect(errorsOf(value)).toContain(pointer);
  });
});

describe('lintScheme warns', () => {
  const warnings = (value: unknown) => lintScheme(value).map(({ severity, pointer }) => [severity, pointer]);
  it('about deliveries that can be sent again', () => {
    expect(warnings(GITHUB)).toEqual([['warning', '']]);
    expect(warnings(STANDARD_WEBHOOKS)).toEqual([]);
  });
  it('about neighbours without a delimiter', () => {
    expect(warnings({ ...STANDARD_WEBHOOKS, content: ['id', 'timestamp', '.', 'body'] })).toEqual([
      ['warning', '/content/0'],
    ]);
  });
});

describe('resolveAuth', () => {
  it('gives no scheme at all when one of them is wrong', () => {
    const { schemes, findings } = resolveAuth([{ provider: 'github' }, { provider: 'gitlab' }]);
    expect(schemes).toEqual([]);
    expect(findings).toContainEqual(expect.objectContaining({ severity: 'error', pointer: '/1/provider' }));
  });
  it.each([
    [[]],
    [undefined],
    [null],
    [Array(5).fill({ provider: 'github' })],
    [[{ provider: 'github', header: 'x' }]],
  ])('refuses %j', (auth) => {
    expect(resolveAuth(auth).schemes).toEqual([]);
  });
  it('accepts every shorthand and a full scheme', () => {
    const auth = [{ provider: 'hmac', header: 'x-sig', encoding: 'base64' }, GITHUB];
    expect(resolveAuth(auth).schemes.map(({ name }) => name)).toEqual(['hmac', 'mac-1']);
  });
});
