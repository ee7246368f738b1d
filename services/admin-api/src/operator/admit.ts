import type { ErrorName } from '@ecluse/errors';

/** What the admission of one request to the operator listener depends on. */
export interface OperatorRequest {
  method: string;
  /** As sent, with query. */
  url: string;
  host: string | undefined;
  origin: string | undefined;
  hasSession: boolean;
}
export interface OwnOrigin {
  /** `ecluse.localhost:8702` */
  host: string;
  /** `http://ecluse.localhost:8702` */
  origin: string;
}

/** Where one-time links lead. */
export const LOGIN_PATH = /^\/login\/[A-Za-z0-9_-]{43}$/;
/** Temporal's queries read state only; every other write of the UI stays closed. */
const QUERY_PATH = /^\/api\/v1\/namespaces\/[^/]+\/workflows\/[^/]+\/query\/[^/]+$/;

/**
 * Decides whether a request may go on, in this order: our `Host` (DNS rebinding), a session, our `Origin` on
 * anything but GET and HEAD (forged requests), and the two kinds of POST that change nothing. Undefined: it may.
 */
export function admit(request: OperatorRequest, own: OwnOrigin): ErrorName | undefined {
  if (request.host?.toLowerCase() !== own.host) return 'HOST_REFUSED';
  const path = pathOf(request.url);
  if (!isPlainPath(path)) return 'REQUEST_INVALID';
  const reads = request.method === 'GET' || request.method === 'HEAD';
  // HEAD would use the link up without anybody seeing the page.
  if (LOGIN_PATH.test(path)) return request.method === 'GET' ? undefined : 'UI_READ_ONLY';
  if (!request.hasSession) return 'SESSION_MISSING';
  if (reads) return path.startsWith('/codec') ? 'UI_READ_ONLY' : undefined;
  if (request.origin !== own.origin) return 'ORIGIN_REFUSED';
  return request.method === 'POST' && (path === '/codec/decode' || QUERY_PATH.test(path))
    ? undefined
    : 'UI_READ_ONLY';
}

export function pathOf(url: string): string {
  const end = url.search(/[?#]/);
  return end === -1 ? url : url.slice(0, end);
}

/** True when no reader of the path can see another one: no dot segments, backslashes or empty segments, however encoded. */
function isPlainPath(path: string): boolean {
  if (!path.startsWith('/') || path.startsWith('//')) return false;
  try {
    const decoded = decodeURIComponent(path);
    return (
      !/[\\\0]/.test(decoded) && !decoded.split('/').some((segment) => segment === '.' || segment === '..')
    );
  } catch {
    return false;
  }
}
