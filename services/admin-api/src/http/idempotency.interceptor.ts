import { createHmac } from 'node:crypto';
import {
  Inject,
  Injectable,
  SetMetadata,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { catchError, from, mergeMap, of, type Observable } from 'rxjs';
import type { JsonValue } from '@ecluse/contracts';
import { EcluseError } from '@ecluse/errors';
import type { Logger } from '@ecluse/observability';
import type { IdempotencyScope, IdempotencyStore } from '@ecluse/storage';
import { proofOf } from '../access/caller.decorator.js';
import { LOG, part } from '../ports.js';

const NOT_STORED = 'ecluse:answer-not-stored';
/** For a POST whose answer is a secret: the key is asked for, but every call acts anew. */
export const AnswerNotStored = (): MethodDecorator => SetMetadata(NOT_STORED, true);

/** Visible ASCII; a quoted structured-field string is taken as it is. */
const KEY = /^[\x21-\x7e]{1,255}$/;

/** Makes every POST safe to send again: the stored answer of the first is sent, with `Idempotent-Replay: true`. */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    @Inject(part('idempotency')) private readonly store: IdempotencyStore,
    @Inject(LOG) private readonly log: Logger,
    private readonly reflector: Reflector,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (request.method !== 'POST') return next.handle();
    const key = readKey(request.headers['idempotency-key']);
    if (this.reflector.get<boolean | undefined>(NOT_STORED, context.getHandler())) return next.handle();
    const { principal, key: credential } = proofOf(request);
    const scope: IdempotencyScope = { tenant: principal.tenant, actor: principal.keyId, key };
    const begun = await this.store.begin(scope, fingerprint(request, credential.secret));
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    if (begun.kind === 'finished') {
      void reply.status(begun.response.status).header('idempotent-replay', 'true');
      return of(begun.response.body);
    }
    return next.handle().pipe(
      catchError((error: unknown) => from(this.release(scope, error))),
      mergeMap((body: unknown) => from(this.finish(scope, reply.statusCode, body))),
    );
  }

  private async finish(scope: IdempotencyScope, status: number, body: unknown): Promise<unknown> {
    try {
      await this.store.finish(scope, { status, body: (body ?? null) as JsonValue });
    } catch (error) {
      // The change is committed, so its answer is true; only a repetition would not find it.
      this.log.warn('answer not kept for its Idempotency-Key', { actor: scope.actor, error });
    }
    return body;
  }

  /** An error changed nothing, because changes are transactions: the same key may try again, at the latest after 60 s. */
  private async release(scope: IdempotencyScope, error: unknown): Promise<never> {
    await this.store.release(scope).catch(() => undefined);
    throw error;
  }
}

function readKey(header: string | string[] | undefined): string {
  if (typeof header !== 'string' || header === '') throw new EcluseError('IDEMPOTENCY_KEY_MISSING');
  if (!KEY.test(header)) {
    throw new EcluseError('REQUEST_INVALID', {
      detail: 'Idempotency-Key: expected 1 to 255 visible ASCII characters',
    });
  }
  return header;
}

/**
 * Tells two requests under one key apart. Keyed with the caller's own secret, which is not stored: from the
 * database alone nobody can try values of a secret that a body held.
 */
function fingerprint(request: FastifyRequest, secret: string): string {
  return createHmac('sha256', secret)
    .update(
      JSON.stringify([
        request.method,
        request.url,
        request.headers['if-match'] ?? null,
        request.body ?? null,
      ]),
    )
    .digest('hex');
}
