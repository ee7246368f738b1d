import { describe, expect, it } from '@jest/globals';
import { admit, type OperatorRequest } from './admit.js';

const own = { host: 'ecluse.localhost:8702', origin: 'http://ecluse.localhost:8702' };
const read: OperatorRequest = {
  method: 'GET',
  url: '/namespaces',
  host: own.host,
  origin: undefined,
  hasSession: true,
};
const post = (url: string): OperatorRequest => ({ ...read, method: 'POST', url, origin: own.origin });
const token = 'a'.repeat(43);

describe('admit', () => {
  it.each<[string, OperatorRequest, string]>([
    ['a foreign Host', { ...read, host: 'evil.example:8702' }, 'HOST_REFUSED'],
    ['our name on another port', { ...read, host: 'ecluse.localhost:9999' }, 'HOST_REFUSED'],
    ['an address instead of the name', { ...read, host: '127.0.0.1:8702' }, 'HOST_REFUSED'],
    ['no Host', { ...read, host: undefined }, 'HOST_REFUSED'],
    [
      'a foreign Host on the login link',
      { ...read, url: `/login/${token}`, host: 'evil.example' },
      'HOST_REFUSED',
    ],
    ['no session', { ...read, hasSession: false }, 'SESSION_MISSING'],
    ['no session on decode', { ...post('/codec/decode'), hasSession: false }, 'SESSION_MISSING'],
    ['a HEAD of the login link', { ...read, method: 'HEAD', url: `/login/${token}` }, 'UI_READ_ONLY'],
    ['a malformed login link', { ...read, url: '/login/short', hasSession: false }, 'SESSION_MISSING'],
    [
      'a POST of another origin',
      { ...post('/codec/decode'), origin: 'http://evil.localhost:8702' },
      'ORIGIN_REFUSED',
    ],
    [
      'a POST of another port',
      { ...post('/codec/decode'), origin: 'http://ecluse.localhost:1234' },
      'ORIGIN_REFUSED',
    ],
    ['a POST without Origin', { ...post('/codec/decode'), origin: undefined }, 'ORIGIN_REFUSED'],
    ['a POST of a sandboxed page', { ...post('/codec/decode'), origin: 'null' }, 'ORIGIN_REFUSED'],
    [
      'a preflight of another origin',
      { ...read, method: 'OPTIONS', origin: 'http://evil.example' },
      'ORIGIN_REFUSED',
    ],
    ['encode', post('/codec/encode'), 'UI_READ_ONLY'],
    ['a read of the codec', { ...read, url: '/codec/decode' }, 'UI_READ_ONLY'],
    ['terminate', post('/api/v1/namespaces/e/workflows/w/terminate'), 'UI_READ_ONLY'],
    ['signal', post('/api/v1/namespaces/e/workflows/w/signal/x'), 'UI_READ_ONLY'],
    ['batch', post('/api/v1/namespaces/e/batch-operations/b'), 'UI_READ_ONLY'],
    ['a DELETE', { ...post('/api/v1/namespaces/e/schedules/s'), method: 'DELETE' }, 'UI_READ_ONLY'],
    ['a PUT to the decode path', { ...post('/codec/decode'), method: 'PUT' }, 'UI_READ_ONLY'],
    [
      'a write behind dot segments',
      post('/api/v1/namespaces/e/workflows/w/query/../terminate'),
      'REQUEST_INVALID',
    ],
    ['encoded dot segments', post('/api/v1/namespaces/e/workflows/w/query/%2e%2e'), 'REQUEST_INVALID'],
    [
      'encoded slashes with dots',
      post('/api/v1/namespaces/e/workflows/w%2f..%2fterminate/query/x'),
      'REQUEST_INVALID',
    ],
    ['a backslash', post('/codec\\decode'), 'REQUEST_INVALID'],
    ['an absolute target', { ...read, url: 'http://evil.example/' }, 'REQUEST_INVALID'],
    ['a broken escape', { ...read, url: '/%zz' }, 'REQUEST_INVALID'],
  ])('refuses %s', (_name, request, error) => {
    expect(admit(request, own)).toBe(error);
  });

  it.each<[string, OperatorRequest]>([
    ['a page', read],
    ['HEAD of a page', { ...read, method: 'HEAD' }],
    ['a host name in capitals', { ...read, host: 'Ecluse.LOCALHOST:8702' }],
    [
      'the login link without a session',
      { ...read, url: `/login/${token}?to=/namespaces/ecluse`, hasSession: false },
    ],
    ['decode', post('/codec/decode?preserveStorageRefs=true')],
    [
      'a query',
      post('/api/v1/namespaces/ecluse/workflows/wh%3Aacme%3Acrm%3A1%3Aflow%2Fr1/query/__stack_trace'),
    ],
  ])('lets %s pass', (_name, request) => {
    expect(admit(request, own)).toBeUndefined();
  });
});
