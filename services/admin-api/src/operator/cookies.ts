/** Name of the session cookie. Host-only: no `Domain`, so that no sibling host receives it. */
export const SESSION_COOKIE = 'ecluse_session';
/** The Temporal UI's own cookie against forged requests; the only one passed on to it. */
const UPSTREAM_COOKIE = '_csrf';

/** Every value of a cookie, in the order sent. */
export function cookieValues(header: string | undefined, name: string): string[] {
  return pairs(header).flatMap(([key, value]) => (key === name ? [value] : []));
}

/** The `Cookie` header for the Temporal UI, or undefined when nothing is left to send. */
export function upstreamCookies(header: string | undefined): string | undefined {
  const kept = cookieValues(header, UPSTREAM_COOKIE).map((value) => `${UPSTREAM_COOKIE}=${value}`);
  return kept.length === 0 ? undefined : kept.join('; ');
}

/** The `Set-Cookie` headers of the Temporal UI that reach the browser. */
export function upstreamSetCookies(header: string | string[] | undefined): string[] {
  return [header ?? []].flat().filter((line) => line.startsWith(`${UPSTREAM_COOKIE}=`));
}

/** Strict: no other site can make the browser send it, not even by a link. Plain http on loopback, hence no `Secure`. */
export function sessionCookie(token: string, maxAgeSeconds: number): string {
  return `${SESSION_COOKIE}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSeconds}`;
}

function pairs(header: string | undefined): [string, string][] {
  return (header ?? '').split(';').flatMap((part) => {
    const at = part.indexOf('=');
    return at === -1 ? [] : [[part.slice(0, at).trim(), part.slice(at + 1).trim()] as [string, string]];
  });
}
