import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { toProblem, type EcluseError, type ErrorName } from '@ecluse/errors';
import { toEcluseError } from '@ecluse/http';
import type { LogFields, Logger } from '@ecluse/observability';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { admissionOf } from './door-request.js';
import { SampledLog } from './sampled-log.js';

/**
 * Answers with the problem of the error table, and nothing that depends on the request: all answers of one code
 * are the same bytes, so that a stranger learns nothing from their difference. The reason is in the log.
 */
export class DoorProblems {
  private readonly log: SampledLog;
  /** Written once per code: refusing must stay cheaper than sending. */
  private readonly bodies = new Map<string, string>();

  constructor(
    log: Logger,
    private readonly onRefused: (name: ErrorName) => void = () => undefined,
  ) {
    this.log = new SampledLog(log);
  }

  answer(request: FastifyRequest, reply: FastifyReply, thrown: unknown): FastifyReply {
    const error = toEcluseError(thrown);
    this.note(request, error);
    this.onRefused(error.errorName);
    const { status } = error.entry;
    // The rest of an unread body is not worth receiving.
    if (!request.raw.complete) void reply.header('connection', 'close');
    if (status === 401) void reply.header('www-authenticate', 'Webhook');
    if (error.retryAfterSeconds !== undefined)
      void reply.header('retry-after', String(error.retryAfterSeconds));
    return reply
      .status(status)
      .header('content-type', 'application/problem+json; charset=utf-8')
      .send(this.bodyOf(error));
  }

  private bodyOf(error: EcluseError): string {
    const known = this.bodies.get(error.code);
    if (known !== undefined) return known;
    const { type, title, status, code, remedy } = toProblem(error);
    const body = JSON.stringify({ type, title, status, code, remedy });
    this.bodies.set(error.code, body);
    return body;
  }

  private note(request: FastifyRequest, error: EcluseError): void {
    const { status } = error.entry;
    const ours = status >= 500;
    const kind = `${error.code} ${ours ? '' : (error.detail ?? '')}`.trim();
    const fields = (): LogFields => {
      const policy = admissionOf(request)?.policy;
      return {
        ...{ requestId: request.id, status, code: error.code, reason: error.detail },
        ...{ tenant: policy?.tenant, source: policy?.source, remoteAddress: request.ip },
        ...(error.cause === undefined ? {} : { error: error.cause }),
      };
    };
    this.log.write(
      ours ? 'error' : 'warn',
      ours ? 'delivery not accepted' : 'delivery refused',
      kind,
      fields,
    );
  }
}

/** The answer to everything that is thrown outside the door's route: unknown paths, malformed requests. */
@Catch()
export class DoorProblemFilter implements ExceptionFilter {
  constructor(private readonly problems: DoorProblems) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.problems.answer(http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>(), thrown);
  }
}
