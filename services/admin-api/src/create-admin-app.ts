import { randomUUID } from 'node:crypto';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ProblemFilter, registerHealth, sendProblem, toEcluseError } from '@ecluse/http';
import type { Logger } from '@ecluse/observability';
import { AdminApiModule } from './admin-api.module.js';
import { serveOpenApi } from './http/openapi.js';
import { refuseUnreadable } from './http/unreadable.js';
import { StrictValidationPipe } from './http/validation.js';
import type { AdminApiParts } from './ports.js';
import type { RequestObserver } from './admin-metrics.js';

/** A document of 256 KiB, escaped as JSON, with room to spare. Bytes. */
const MOST_BODY_BYTES = 1_048_576;

/** The API, ready to listen. Throws CONFIG_INVALID when a handler declares no access. */
export async function createAdminApp(
  parts: AdminApiParts,
  log: Logger,
  observe: RequestObserver = () => undefined,
): Promise<NestFastifyApplication> {
  const adapter = createAdapter();
  const app = await NestFactory.create<NestFastifyApplication>(AdminApiModule.with(parts, log), adapter, {
    bodyParser: false,
    logger: false,
    abortOnError: false,
  });
  const fastify = adapter.getInstance<FastifyInstance>();
  acceptJsonOnly(fastify);
  app.useSecurityHeaders({
    contentSecurityPolicy: { useDefaults: false, directives: CONTENT_SECURITY_POLICY },
  });
  app.useGlobalPipes(new StrictValidationPipe());
  app.useGlobalFilters(new ProblemFilter(log));
  fastify.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id).header('cache-control', 'no-store');
  });
  fastify.addHook('onResponse', async (request, reply) => {
    const { id: requestId, method } = request;
    const fields = { requestId, method, route: request.routeOptions.url ?? 'none', status: reply.statusCode };
    log.info('request answered', { ...fields, durationMs: Math.round(reply.elapsedTime) });
    observe(method, reply.statusCode, reply.elapsedTime / 1_000);
  });
  registerHealth(fastify, { service: 'admin-api', version: parts.version, checks: parts.checks });
  serveOpenApi(app);
  await app.init();
  await fastify.ready();
  return app;
}

function createAdapter(): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit: MOST_BODY_BYTES,
    requestTimeout: 10_000,
    handlerTimeout: 20_000,
    keepAliveTimeout: 5_000,
    return503OnClosing: true,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 200 },
    genReqId: () => randomUUID(),
    clientErrorHandler: refuseUnreadable,
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      sendProblem(reply, toEcluseError(error), request.id);
    },
    http: { maxHeaderSize: 16_384, headersTimeout: 5_000 },
  });
}

/** Fastify reads text/plain as well, which no operation takes. */
function acceptJsonOnly(fastify: FastifyInstance): void {
  fastify.removeContentTypeParser('text/plain');
}

/** The documentation page needs its own scripts and inline styles; nothing needs another host. */
const CONTENT_SECURITY_POLICY = {
  'default-src': ["'none'"],
  'base-uri': ["'none'"],
  'connect-src': ["'self'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
  'img-src': ["'self'", 'data:'],
  'script-src': ["'self'"],
  'style-src': ["'self'", "'unsafe-inline'"],
};
