import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { tap, type Observable } from 'rxjs';

/** Adds `Link: <…>; rel="next"` (RFC 8288) to pages that have a next one. */
@Injectable()
export class LinkInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(
      tap((body: unknown) => {
        const cursor =
          typeof body === 'object' && body !== null && 'nextCursor' in body ? body.nextCursor : undefined;
        if (typeof cursor !== 'string') return;
        const url = new URL(request.url, 'http://local');
        url.searchParams.set('cursor', cursor);
        void reply.header('link', `<${url.pathname}${url.search}>; rel="next"`);
      }),
    );
  }
}
