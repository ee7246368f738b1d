import { Body, Controller, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Page } from '@ecluse/contracts';
import type { FlowStore } from '@ecluse/storage';
import { Caller } from '../access/caller.decorator.js';
import { Requires } from '../access/requires.decorator.js';
import { ReleaseDto, ReleaseRequestDto, RollbackRequestDto } from '../flows/flows.dto.js';
import { found } from '../http/found.js';
import { IDEMPOTENCY_KEY } from '../http/headers.js';
import { ApiPage } from '../http/page.dto.js';
import { ApiProblems } from '../http/problem.dto.js';
import { NameParam, PageQuery, pageOf } from '../http/requests.dto.js';
import { part } from '../ports.js';

@ApiTags('releases')
@ApiProblems(
  'UNAUTHENTICATED',
  'AUTHENTICATION_LIMITED',
  'ROLE_MISSING',
  'REQUEST_INVALID',
  'NOT_FOUND',
  'STORE_UNAVAILABLE',
)
@Controller('v1/flows/:name')
export class ReleasesController {
  constructor(@Inject(part('flows')) private readonly flows: FlowStore) {}

  @Get('releases')
  @Requires('viewer')
  @ApiOperation({ summary: 'List the releases and rollbacks of a flow, newest first' })
  @ApiPage(ReleaseDto)
  async list(
    @Caller() caller: Caller,
    @Param() { name }: NameParam,
    @Query() query: PageQuery,
  ): Promise<Page<ReleaseDto>> {
    found(await this.flows.find(caller.tenant, name), 'flow');
    return this.flows.releases(caller.tenant, name, pageOf(query));
  }

  @Post('releases')
  @Requires('operator')
  @ApiOperation({
    summary: 'Release a version',
    description: 'The next delivery starts on it; running work finishes on its own version.',
  })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiCreatedResponse({ type: ReleaseDto })
  @ApiProblems(
    'STATE_CONFLICT',
    'IDEMPOTENCY_KEY_REUSED',
    'IDEMPOTENCY_IN_PROGRESS',
    'REQUEST_INVALID',
    'IDEMPOTENCY_KEY_MISSING',
  )
  release(
    @Caller() caller: Caller,
    @Param() { name }: NameParam,
    @Body() { version, reason }: ReleaseRequestDto,
  ): Promise<ReleaseDto> {
    return this.flows.release(caller.tenant, name, { version, reason: reason ?? null }, caller.change);
  }

  @Post('rollback')
  @Requires('operator')
  @ApiOperation({
    summary: 'Point back to an earlier release',
    description: 'The next delivery starts on it; running work finishes on its own version.',
  })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiCreatedResponse({ type: ReleaseDto })
  @ApiProblems(
    'STATE_CONFLICT',
    'IDEMPOTENCY_KEY_REUSED',
    'IDEMPOTENCY_IN_PROGRESS',
    'REQUEST_INVALID',
    'IDEMPOTENCY_KEY_MISSING',
  )
  rollback(
    @Caller() caller: Caller,
    @Param() { name }: NameParam,
    @Body() { version, reason }: RollbackRequestDto,
  ): Promise<ReleaseDto> {
    const order = version === undefined ? { reason: reason ?? null } : { version, reason: reason ?? null };
    return this.flows.rollback(caller.tenant, name, order, caller.change);
  }
}
