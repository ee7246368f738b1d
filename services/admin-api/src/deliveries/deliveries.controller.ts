import { Body, Controller, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Page } from '@ecluse/contracts';
import type { DeliveryQueries, ReplayStore } from '@ecluse/storage';
import { Caller } from '../access/caller.decorator.js';
import { Requires } from '../access/requires.decorator.js';
import { found } from '../http/found.js';
import { IDEMPOTENCY_KEY } from '../http/headers.js';
import { ApiPage } from '../http/page.dto.js';
import { ApiProblems } from '../http/problem.dto.js';
import { filterOf, IdParam, pageOf } from '../http/requests.dto.js';
import { part } from '../ports.js';
import { RunSummaryDto } from '../runs/runs.dto.js';
import { DeliveryDto, DeliveryQuery, ReplayRequestDto } from './deliveries.dto.js';

@ApiTags('deliveries')
@ApiProblems(
  'UNAUTHENTICATED',
  'AUTHENTICATION_LIMITED',
  'ROLE_MISSING',
  'REQUEST_INVALID',
  'STORE_UNAVAILABLE',
)
@Controller('v1/deliveries')
export class DeliveriesController {
  constructor(
    @Inject(part('deliveries')) private readonly deliveries: DeliveryQueries,
    @Inject(part('replays')) private readonly replays: ReplayStore,
  ) {}

  @Get()
  @Requires('viewer')
  @ApiOperation({ summary: 'List deliveries, newest first', description: 'Bodies are never shown.' })
  @ApiPage(DeliveryDto)
  list(@Caller() caller: Caller, @Query() query: DeliveryQuery): Promise<Page<DeliveryDto>> {
    return this.deliveries.list(caller.tenant, filterOf(query, 'state', 'source'), pageOf(query));
  }

  @Get(':id')
  @Requires('viewer')
  @ApiOperation({ summary: 'Show a delivery with its runs' })
  @ApiOkResponse({ type: DeliveryDto })
  @ApiProblems('NOT_FOUND')
  async find(@Caller() caller: Caller, @Param() { id }: IdParam): Promise<DeliveryDto> {
    return found(await this.deliveries.find(caller.tenant, id), 'delivery');
  }

  @Post(':id/replays')
  @Requires('operator')
  @ApiOperation({
    summary: 'Replay a delivery',
    description: 'A new run from the stored delivery, linked to its origin.',
  })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiCreatedResponse({ type: RunSummaryDto })
  @ApiProblems(
    'NOT_FOUND',
    'STATE_CONFLICT',
    'IDEMPOTENCY_KEY_REUSED',
    'IDEMPOTENCY_IN_PROGRESS',
    'DISK_FULL',
    'STORE_UNAVAILABLE',
    'REQUEST_INVALID',
    'IDEMPOTENCY_KEY_MISSING',
  )
  replay(
    @Caller() caller: Caller,
    @Param() { id }: IdParam,
    @Body() body: ReplayRequestDto,
  ): Promise<RunSummaryDto> {
    return this.replays.replay(caller.tenant, id, body, caller.change);
  }
}
