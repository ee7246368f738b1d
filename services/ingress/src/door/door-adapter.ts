import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { admissionHook, type AdmissionDeps } from './admission.hook.js';
import { admissionOf } from './door-request.js';
import { readBody } from './read-body.js';

/** Times are milliseconds. A body has 10 s; the handler's bound lies above, else it would answer a slow body first. */
const SERVER = {
  requestTimeout: 10_000,
  connectionTimeout: 15_000,
  handlerTimeout: 12_000,
  keepAliveTimeout: 5_000,
  maxRequestsPerSocket: 1_000,
  http: { maxHeaderSize: 16_384, headersTimeout: 5_000, connectionsCheckingInterval: 1_000 },
} as const;

/** Fastify for untrusted senders: bounded times and headers, no parser, proxy headers ignored. */
export function doorAdapter(maxBodyBytes: number): FastifyAdapter {
  return new FastifyAdapter({
    ...SERVER,
    bodyLimit: maxBodyBytes,
    trustProxy: false,
    return503OnClosing: true,
    exposeHeadRoutes: false,
    logger: false,
    requestIdHeader: false,
    genReqId: () => randomUUID(),
    // As long as a whole request head: a long token is an unknown token like any other.
    routerOptions: { maxParamLength: SERVER.http.maxHeaderSize },
  });
}

/**
 * Bodies reach the handler as the bytes that came; admission runs before them. Call it before the application is
 * initialised, with `bodyParser: false`.
 */
export function openDoor(adapter: FastifyAdapter, deps: AdmissionDeps): void {
  const fastify = adapter.getInstance();
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', async (request: FastifyRequest, payload: Readable) =>
    readBody(payload, admissionOf(request)?.policy.limits.maxBody ?? 0),
  );
  fastify.addHook('onRequest', admissionHook(deps));
  fastify.addHook('onSend', async (_request, reply, payload) => {
    void reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
    return payload;
  });
}
