import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Page } from '@ecluse/contracts';
import type { DeadLetterDecision, DeadLetterStore } from '@ecluse/storage';
import { Caller } from '../access/caller.decorator.js';
import { Requires } from '../access/requires.decorator.js';
import { found } from '../http/found.js';
import { IDEMPOTENCY_KEY, OPTIONAL_IF_MATCH } from '../http/headers.js';
import { ApiPage } from '../http/page.dto.js';
import { etagOf, readIfMatch } from '../http/precondition.js';
import { ApiProblems } from '../http/problem.dto.js';
import { filterOf, IdParam, pageOf } from '../http/requests.dto.js';
import { part } from '../ports.js';
import { RunSummaryDto } from '../runs/runs.dto.js';
import { DeadLetterDto, DeadLetterQuery, DiscardRequestDto, RetryRequestDto } from './dead-letters.dto.js';

@ApiTags('dead-letters')
@ApiProblems(
  'UNAUTHENTICATED',
  'AUTHENTICATION_LIMITED',
  'ROLE_MISSING',
  'REQUEST_INVALID',
  'STORE_UNAVAILABLE',
)
@Controller('v1/dead-letters')
export class DeadLettersController {
  constructor(@Inject(part('deadLetters')) private readonly deadLetters: DeadLetterStore) {}

  @Get()
  @Requires('viewer')
  @ApiOperation({ summary: 'List dead letters, newest first' })
  @ApiPage(DeadLetterDto)
  list(@Caller() caller: Caller, @Query() query: DeadLetterQuery): Promise<Page<DeadLetterDto>> {
    return this.deadLetters.list(caller.tenant, filterOf(query, 'state'), pageOf(query));
  }

  @Get(':id')
  @Requires('viewer')
  @ApiOperation({ summary: 'Show a dead letter' })
  @ApiOkResponse({ type: DeadLetterDto, headers: { ETag: { schema: { type: 'string' } } } })
  @ApiProblems('NOT_FOUND')
  async find(
    @Caller() caller: Caller,
    @Param() { id }: IdParam,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DeadLetterDto> {
    const deadLetter = found(await this.deadLetters.find(caller.tenant, id), 'dead letter');
    void reply.header('etag', etagOf(deadLetter.version));
    return deadLetter;
  }

  @Post(':id/retry')
  @Requires('operator')
  @ApiOperation({
    summary: 'Retry a dead letter',
    description: 'A new run on the released version; confirmed effects are skipped.',
  })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiHeader(OPTIONAL_IF_MATCH)
  @ApiCreatedResponse({ type: RunSummaryDto })
  @ApiProblems(
    'NOT_FOUND',
    'STATE_CONFLICT',
    'PRECONDITION_FAILED',
    'IDEMPOTENCY_KEY_REUSED',
    'IDEMPOTENCY_IN_PROGRESS',
    'DISK_FULL',
    'STORE_UNAVAILABLE',
    'REQUEST_INVALID',
    'IDEMPOTENCY_KEY_MISSING',
  )
  retry(
    @Caller() caller: Caller,
    @Param() { id }: IdParam,
    @Body() body: RetryRequestDto,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<RunSummaryDto> {
    return this.deadLetters.retry(caller.tenant, id, decision(body.reason ?? null, ifMatch), caller.change);
  }

  @Post(':id/discard')
  @HttpCode(200)
  @Requires('operator')
  @ApiOperation({
    summary: 'Discard a dead letter',
    description: 'Ends it without a run, in the name of the caller.',
  })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiHeader(OPTIONAL_IF_MATCH)
  @ApiOkResponse({ type: DeadLetterDto })
  @ApiProblems(
    'NOT_FOUND',
    'STATE_CONFLICT',
    'PRECONDITION_FAILED',
    'IDEMPOTENCY_KEY_REUSED',
    'IDEMPOTENCY_IN_PROGRESS',
    'REQUEST_INVALID',
    'IDEMPOTENCY_KEY_MISSING',
  )
  discard(
    @Caller() caller: Caller,
    @Param() { id }: IdParam,
    @Body() { reason }: DiscardRequestDto,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<DeadLetterDto> {
    return this.deadLetters.discard(caller.tenant, id, decision(reason, ifMatch), caller.change);
  }
}

function decision<R extends string | null>(
  reason: R,
  ifMatch: string | undefined,
): DeadLetterDecision & { reason: R } {
  const expectedVersion = readIfMatch(ifMatch);
  return expectedVersion === undefined ? { reason } : { reason, expectedVersion };
}
