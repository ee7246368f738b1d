import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { EcluseError, isEcluseError, toProblem, type ErrorName } from '@ecluse/errors';
import type { Logger } from '@ecluse/observability';

/** Which entry of the error table answers a status that Nest or Fastify itself decided on. */
const BY_STATUS: Readonly<Record<number, ErrorName>> = {
  400: 'REQUEST_INVALID',
  404: 'ROUTE_UNKNOWN',
  405: 'METHOD_REFUSED',
  413: 'BODY_TOO_LARGE',
  415: 'CONTENT_UNSUPPORTED',
};

/** Finds the entry of the error table for anything thrown; what is unknown becomes INTERNAL, without its message. */
export function toEcluseError(thrown: unknown): EcluseError {
  if (isEcluseError(thrown)) return thrown;
  const name = BY_STATUS[statusOf(thrown) ?? 500];
  return new EcluseError(name ?? 'INTERNAL', { cause: thrown });
}

function statusOf(thrown: unknown): number | undefined {
  if (thrown instanceof HttpException) return thrown.getStatus();
  if (typeof thrown !== 'object' || thrown === null || !('statusCode' in thrown)) return undefined;
  return typeof thrown.statusCode === 'number' ? thrown.statusCode : undefined;
}

/** Answers with the RFC 9457 document of an error. */
export function sendProblem(reply: FastifyReply, error: EcluseError, requestId: string): void {
  if (error.retryAfterSeconds !== undefined)
    void reply.header('retry-after', String(error.retryAfterSeconds));
  void reply
    .status(error.entry.status)
    .header('cache-control', 'no-store')
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(toProblem(error, requestId)));
}

/** Turns every exception into a problem document; logs what is our fault. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const error = toEcluseError(thrown);
    if (error.entry.status >= 500) {
      this.log.error('request failed', {
        requestId: request.id,
        code: error.code,
        error: error.cause ?? error,
      });
    }
    sendProblem(host.switchToHttp().getResponse<FastifyReply>(), error, request.id);
  }
}
