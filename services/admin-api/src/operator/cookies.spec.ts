import { describe, expect, it } from '@jest/globals';
import { cookieValues, sessionCookie, upstreamCookies, upstreamSetCookies } from './cookies.js';

describe('cookies', () => {
  it('passes on the cookie of the Temporal UI and nothing else', () => {
    expect(upstreamCookies('ecluse_session=s3cret; _csrf=abc; other=1')).toBe('_csrf=abc');
    expect(upstreamCookies('ecluse_session=s3cret')).toBeUndefined();
    expect(upstreamCookies(undefined)).toBeUndefined();
    expect(upstreamCookies('x_csrf=1; _csrfx=2')).toBeUndefined();
  });

  it('lets the UI set its own cookie only', () => {
    expect(upstreamSetCookies(['_csrf=a; Path=/', 'ecluse_session=planted'])).toEqual(['_csrf=a; Path=/']);
    expect(upstreamSetCookies(undefined)).toEqual([]);
  });

  it('reads every value of a name, also with = inside', () => {
    expect(cookieValues('a=1; b=2=3;a=4;broken', 'a')).toEqual(['1', '4']);
    expect(cookieValues('a=1; b=2=3', 'b')).toEqual(['2=3']);
  });

  it('sets a cookie that no script and no other site can use', () => {
    expect(sessionCookie('t', 60)).toBe('ecluse_session=t; Path=/; HttpOnly; SameSite=Strict; Max-Age=60');
  });
});
