import { createServer, type Server } from 'node:http';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { EcluseError, isEcluseError, type ErrorName } from '@ecluse/errors';
import { sendProblem, toEcluseError } from '@ecluse/http';
import type { Logger } from '@ecluse/observability';
import { errorCode } from '../http/error-code.js';
import { admit, LOGIN_PATH, pathOf, type OwnOrigin } from './admit.js';
import { decodePayloads, type PayloadDecoder } from './codec.js';
import { cookieValues, SESSION_COOKIE, sessionCookie } from './cookies.js';
import type { OperatorAccess } from './operator-access.js';
import { problemPage } from './pages.js';
import { registerTemporalUi } from './temporal-ui-proxy.js';
import type { OperatorSession } from './session-registry.js';

export interface OperatorListenerOptions {
  /** Own host name, so that cookies do not reach other `localhost` servers. Resolves to loopback everywhere (RFC 6761). */
  hostName: string;
  /** 0 takes a free port. */
  port: number;
  /** Base URL of the Temporal UI server. */
  temporalUi: string;
  /** Temporal namespace whose payloads are decoded. */
  namespace: string;
  decoder: PayloadDecoder;
  access: OperatorAccess;
  log: Logger;
}
export interface OperatorListener {
  /** `http://ecluse.localhost:8702` */
  readonly origin: string;
  close(): Promise<void>;
}

/** A history page of the CLI was seen at 2.7 MB. Bytes. */
const MOST_CODEC_BYTES = 4_194_304;
const SESSIONS = new WeakMap<FastifyRequest, OperatorSession>();

/** The Temporal UI and the codec endpoint on one origin, for people with a session only. Loopback addresses only. */
export async function startOperatorListener(options: OperatorListenerOptions): Promise<OperatorListener> {
  const own: OwnOrigin = { host: '', origin: '' };
  const server = createOperatorServer(options, own);
  await server.listen({ host: '127.0.0.1', port: options.port });
  const port = portOf(server.server);
  const host = port === 80 ? options.hostName : `${options.hostName}:${port}`;
  Object.assign(own, { host, origin: `http://${host}` } satisfies OwnOrigin);
  const v6 = await listenOnIpv6(server, port, options.log);
  return {
    origin: own.origin,
    close: async () => {
      await Promise.all([server.close(), v6 === undefined ? undefined : closeServer(v6)]);
    },
  };
}

function createOperatorServer(options: OperatorListenerOptions, own: OwnOrigin): FastifyInstance {
  const server = fastify({
    bodyLimit: MOST_CODEC_BYTES,
    requestTimeout: 15_000,
    keepAliveTimeout: 5_000,
    forceCloseConnections: true,
    http: { maxHeaderSize: 16_384, headersTimeout: 5_000 },
    genReqId: () => crypto.randomUUID(),
    frameworkErrors: (error, request, reply) => {
      refuse(request, reply, toEcluseError(error));
    },
  });
  server.addHook('onRequest', async (request, reply) => {
    secure(reply);
    const session = await options.access.find(cookieValues(request.headers.cookie, SESSION_COOKIE));
    if (session !== undefined) SESSIONS.set(request, session);
    const refusal = admit({ ...factsOf(request), hasSession: session !== undefined }, own);
    if (refusal !== undefined) throw new EcluseError(refusal, detailOf(refusal));
  });
  server.setErrorHandler((error, request, reply) => {
    const known = isEcluseError(error) ? error : toEcluseError(error);
    const { method } = request;
    if (known.entry.status >= 400)
      options.log.info('operator request refused', { requestId: request.id, method, code: known.code });
    refuse(request, reply, known);
  });
  void server.register(async (routes) => {
    routes.get<{ Params: { token: string }; Querystring: { to?: unknown } }>(
      '/login/:token',
      (request, reply) => logIn(options.access, request, reply),
    );
    routes.post('/codec/decode', (request, reply) => {
      void reply.header('cache-control', 'no-store');
      return decode(options, request);
    });
    await registerTemporalUi(routes, options.temporalUi, (reply, error) => {
      refuse(reply.request, reply, error);
    });
  });
  return server;
}

async function logIn(
  access: OperatorAccess,
  request: FastifyRequest<{ Params: { token: string }; Querystring: { to?: unknown } }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const session = await access.logIn(request.params.token, request.id);
  const seconds = Math.floor((session.expiresAt.getTime() - Date.now()) / 1000);
  return reply
    .header('set-cookie', sessionCookie(session.token, seconds))
    .header('cache-control', 'no-store')
    .redirect(localPath(request.query.to), 303);
}

async function decode(options: OperatorListenerOptions, request: FastifyRequest): Promise<unknown> {
  const namespace = request.headers['x-namespace'];
  if (namespace !== undefined && namespace !== options.namespace) {
    throw new EcluseError('REQUEST_INVALID', {
      detail: 'Payloads of that Temporal namespace are not decoded here',
    });
  }
  const session = SESSIONS.get(request);
  if (session === undefined) throw new EcluseError('SESSION_MISSING');
  await options.access.recordDecode(session, request.headers.referer, request.id);
  return decodePayloads(options.decoder, request.body);
}

/** Where the login link leads on: a page of the Temporal UI, never another site. */
function localPath(to: unknown): string {
  return typeof to === 'string' && /^\/namespaces\/[\w\-./~%:?=&+]{1,900}$/.test(to) ? to : '/';
}

function factsOf(request: FastifyRequest): {
  method: string;
  url: string;
  host: string | undefined;
  origin: string | undefined;
} {
  return {
    method: request.method,
    url: request.raw.url ?? '',
    host: request.headers.host,
    origin: request.headers.origin,
  };
}

function detailOf(refusal: ErrorName): { detail?: string } {
  return refusal === 'SESSION_MISSING' ? { detail: 'Open the Temporal UI through a one-time link.' } : {};
}

/** Pages for people, problem documents for programs. */
function refuse(request: FastifyRequest, reply: FastifyReply, error: EcluseError): void {
  if (request.headers['sec-fetch-mode'] !== 'navigate' || request.method !== 'GET') {
    sendProblem(reply, error, request.id);
    return;
  }
  const url = request.raw.url ?? '/';
  const retry =
    error.errorName === 'SESSION_MISSING' && !LOGIN_PATH.test(pathOf(url)) && /^\/(?!\/)/.test(url)
      ? url
      : undefined;
  void reply
    .status(error.entry.status)
    .header('cache-control', 'no-store')
    .header('content-security-policy', "default-src 'none'; frame-ancestors 'none'")
    .type('text/html; charset=utf-8')
    .send(problemPage(error, retry));
}

/** `Referer` stays within this origin: the decode audit reads it, and it names runs. */
function secure(reply: FastifyReply): void {
  void reply.headers({
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  });
}

/** Whoever held `[::1]` on our port would be what browsers reach first, with our cookie: so we hold it. */
async function listenOnIpv6(server: FastifyInstance, port: number, log: Logger): Promise<Server | undefined> {
  const v6 = createServer(
    { maxHeaderSize: 16_384, headersTimeout: 5_000, requestTimeout: 15_000 },
    (request, response) => {
      server.routing(request, response);
    },
  );
  try {
    await new Promise<void>((resolve, reject) => {
      v6.once('error', reject).listen({ host: '::1', port, ipv6Only: true }, resolve);
    });
    return v6;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') {
      log.info('no IPv6 loopback here; the operator listener uses IPv4 only', { port });
      return undefined;
    }
    await server.close();
    throw new EcluseError('PORT_IN_USE', { detail: `[::1]:${port} is taken`, cause: error });
  }
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the operator listener has no port');
  return address.port;
}
