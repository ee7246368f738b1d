import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AcceptDelivery } from './accept-delivery.js';
import { admissionHook, type AdmissionDeps } from './admission.hook.js';
import { admissionOf } from './door-request.js';
import { readBody } from './read-body.js';
import { EcluseError } from '@ecluse/errors';

/** Times are milliseconds. A body has 10 s; what comes after it has deadlines of its own, which cost less than Fastify's. */
const SERVER = {
  requestTimeout: 10_000,
  connectionTimeout: 15_000,
  keepAliveTimeout: 5_000,
  maxRequestsPerSocket: 1_000,
  http: { maxHeaderSize: 16_384, headersTimeout: 5_000, connectionsCheckingInterval: 1_000 },
} as const;
/** Connections at once; more are closed unheard, before they can use up the process's file descriptors. */
const MAX_CONNECTIONS = 10_000;
/** Where webhooks enter. */
export const DOOR_ROUTE = '/in/:sourceToken';

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

export interface DoorDeps extends AdmissionDeps {
  acceptDelivery: AcceptDelivery;
}

async function receive(deps: DoorDeps, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const admission = admissionOf(request);
  if (admission === undefined) throw new EcluseError('SOURCE_UNKNOWN');
  const { raw, method } = request;
  const deliveryId = await deps.acceptDelivery.accept({
    admission,
    requestId: request.id,
    request: {
      rawHeaders: raw.rawHeaders,
      rawBody: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
      url: raw.url ?? '',
      method,
    },
  });
  return reply
    .status(202)
    .header('content-type', 'application/json; charset=utf-8')
    .send(`{"deliveryId":"${deliveryId}"}`);
}

/**
 * The route of the door, on Fastify itself: what every request pays for is kept small. Bodies reach the handler as the
 * bytes that came; admission runs before them. Every method comes here, so that admission answers all of them alike.
 * Call it before the application is initialised, with `bodyParser: false`.
 */
export function openDoor(adapter: FastifyAdapter, deps: DoorDeps): void {
  const fastify = adapter.getInstance();
  fastify.server.maxConnections = MAX_CONNECTIONS;
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', async (request: FastifyRequest, payload: Readable) => {
    const admission = admissionOf(request);
    if (admission === undefined) throw new EcluseError('SOURCE_UNKNOWN');
    return readBody(payload, admission.policy.limits.maxBody, admission.room);
  });
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    void reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
    done(null, payload);
  });
  fastify.all(DOOR_ROUTE, {
    onRequest: admissionHook(deps),
    errorHandler: (error, request, reply) => {
      deps.problems.answer(request, reply, error);
    },
    handler: (request, reply) => receive(deps, request, reply),
  });
}
