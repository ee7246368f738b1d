import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import httpProxy from '@fastify/http-proxy';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { EcluseError } from '@ecluse/errors';
import { pathOf } from './admit.js';
import { upstreamCookies, upstreamSetCookies } from './cookies.js';

type Headers = IncomingHttpHeaders;

/** Request headers that reach the Temporal UI server; everything else stays here, credentials above all. */
const PASSED_ON = new Set([
  'accept',
  'accept-language',
  'content-length',
  'content-type',
  'host',
  'if-modified-since',
  'if-none-match',
  'range',
  'user-agent',
  'x-csrf-token',
]);
/** Response headers of the UI server that do not reach the browser: sharing with other origins is not its decision. */
const HELD_BACK = /^(access-control-|server$|x-powered-by$|set-cookie$|strict-transport-security$)/i;
const SETTINGS_PATH = '/api/v1/settings';
/** The settings are a few hundred bytes. */
const MOST_SETTINGS_BYTES = 262_144;

type Refuse = (reply: FastifyReply, error: EcluseError) => void;

/** Puts the Temporal UI behind this listener, at `/`. Whoever registers it has to refuse strangers first. */
export async function registerTemporalUi(
  server: FastifyInstance,
  upstream: string,
  refuse: Refuse,
): Promise<void> {
  const unavailable = (reply: FastifyReply, cause: unknown): void => {
    const detail = 'The Temporal UI does not answer';
    refuse(reply, new EcluseError('ENGINE_UNAVAILABLE', { detail, retryAfterSeconds: 2, cause }));
  };
  await server.register(httpProxy, {
    upstream,
    prefix: '/',
    httpMethods: ['GET', 'HEAD', 'POST'],
    disableRequestLogging: true,
    replyOptions: {
      // The UI's own client repeats; a proxy that does so too only hides that the server is away.
      retryDelay: () => null,
      rewriteRequestHeaders: (request, headers) => requestHeaders(request as FastifyRequest, headers),
      rewriteHeaders: (headers, request) => responseHeaders(headers, isSettings(request?.url)),
      onError: (reply, { error }) => {
        unavailable(reply as FastifyReply, error);
      },
      onResponse: (request, reply, answer) => {
        if (!isSettings(request.url) || reply.statusCode !== 200) {
          void reply.send(answer.stream);
          return;
        }
        readSettings(answer.stream).then(
          (settings) => {
            void reply.send({ ...settings, DisableWriteActions: true });
          },
          (cause: unknown) => {
            unavailable(reply as FastifyReply, cause);
          },
        );
      },
    },
  });
}

function isSettings(url: string | undefined): boolean {
  return url !== undefined && pathOf(url) === SETTINGS_PATH;
}

function requestHeaders(request: FastifyRequest, headers: Headers): Headers {
  const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => PASSED_ON.has(name)));
  const cookie = upstreamCookies(request.headers.cookie);
  // Uncompressed, because the settings are rewritten on the way back.
  return { ...kept, 'accept-encoding': 'identity', ...(cookie === undefined ? {} : { cookie }) };
}

function responseHeaders(headers: Headers, rewritten: boolean): Headers {
  const kept: Headers = {};
  for (const [name, value] of Object.entries(headers)) {
    if (!HELD_BACK.test(name) && !(rewritten && name === 'content-length')) kept[name] = value;
  }
  const cookies = upstreamSetCookies(headers['set-cookie']);
  return cookies.length === 0 ? kept : { ...kept, 'set-cookie': cookies };
}

async function readSettings(stream: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > MOST_SETTINGS_BYTES) throw new Error('the settings of the Temporal UI are too long');
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>;
}
