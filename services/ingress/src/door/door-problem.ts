import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { toProblem, type EcluseError } from '@ecluse/errors';
import { toEcluseError } from '@ecluse/http';
import type { Logger } from '@ecluse/observability';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { admissionOf } from './door-request.js';

function logProblem(log: Logger, request: FastifyRequest, error: EcluseError): void {
  const policy = admissionOf(request)?.policy;
  const fields = {
    requestId: request.id,
    status: error.entry.status,
    code: error.code,
    reason: error.detail,
    tenant: policy?.tenant,
    source: policy?.source,
    remoteAddress: request.ip,
  };
  if (error.entry.status >= 500) log.error('delivery not accepted', { ...fields, error: error.cause });
  else log.warn('delivery refused', fields);
}

/**
 * Answers with the problem of the error table, and nothing that depends on the request: all answers of one code
 * are the same bytes, so that a stranger learns nothing from their difference. The reason is in the log.
 */
export function answerProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  thrown: unknown,
  log: Logger,
): FastifyReply {
  const error = toEcluseError(thrown);
  logProblem(log, request, error);
  const { status } = error.entry;
  // The rest of an unread body is not worth receiving.
  if (!request.raw.complete) void reply.header('connection', 'close');
  if (status === 401) void reply.header('www-authenticate', 'Webhook');
  if (error.retryAfterSeconds !== undefined)
    void reply.header('retry-after', String(error.retryAfterSeconds));
  const { type, title, code, remedy } = toProblem(error);
  return reply
    .status(status)
    .header('cache-control', 'no-store')
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify({ type, title, status, code, remedy }));
}

/** The door's answer to everything that is thrown after admission, by Fastify or by us. */
@Catch()
export class DoorProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    answerProblem(http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>(), thrown, this.log);
  }
}
