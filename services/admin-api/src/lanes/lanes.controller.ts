import { createHash } from 'node:crypto';
import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Page } from '@ecluse/contracts';
import type { LaneAdmin, LaneFilter, LaneRemedy } from '@ecluse/storage';
import { Caller } from '../access/caller.decorator.js';
import { Requires } from '../access/requires.decorator.js';
import { found } from '../http/found.js';
import { IDEMPOTENCY_KEY, OPTIONAL_IF_MATCH } from '../http/headers.js';
import { ApiPage } from '../http/page.dto.js';
import { etagOf, readIfMatch } from '../http/precondition.js';
import { ApiProblems } from '../http/problem.dto.js';
import { filterOf, pageOf } from '../http/requests.dto.js';
import { part, type BodySealer } from '../ports.js';
import { laneKeysOf } from './lane-keys.js';
import {
  EditLaneDto,
  LaneDto,
  LaneParam,
  LaneQuery,
  LaneSummaryDto,
  ResumeLaneDto,
  SkipLaneDto,
} from './lanes.dto.js';

const CHANGE_PROBLEMS = [
  'NOT_FOUND',
  'STATE_CONFLICT',
  'PRECONDITION_FAILED',
  'IDEMPOTENCY_KEY_REUSED',
  'IDEMPOTENCY_IN_PROGRESS',
  'DISK_FULL',
  'REQUEST_INVALID',
  'IDEMPOTENCY_KEY_MISSING',
] as const;

@ApiTags('lanes')
@ApiProblems(
  'UNAUTHENTICATED',
  'AUTHENTICATION_LIMITED',
  'ROLE_MISSING',
  'REQUEST_INVALID',
  'STORE_UNAVAILABLE',
)
@Controller('v1/lanes')
export class LanesController {
  constructor(
    @Inject(part('lanes')) private readonly lanes: LaneAdmin,
    @Inject(part('bodies')) private readonly bodies: BodySealer,
  ) {}

  @Get()
  @Requires('viewer')
  @ApiOperation({
    summary: 'List lanes by flow and key',
    description: 'A lane is the queue of one order key.',
  })
  @ApiPage(LaneSummaryDto)
  async list(@Caller() { tenant }: Caller, @Query() query: LaneQuery): Promise<Page<LaneSummaryDto>> {
    const filter: LaneFilter = filterOf(query, 'state', 'flow');
    if (query.key === undefined) return this.lanes.list(tenant, filter, pageOf(query));
    const laneKeys = laneKeysOf(await this.lanes.orderPaths(tenant, query.flow), query.key);
    return this.lanes.list(tenant, { ...filter, laneKeys }, pageOf(query));
  }

  @Get(':flow/:laneKey')
  @Requires('viewer')
  @ApiOperation({ summary: 'Show a lane with its next runs' })
  @ApiOkResponse({ type: LaneDto, headers: { ETag: { schema: { type: 'string' } } } })
  @ApiProblems('NOT_FOUND')
  async find(
    @Caller() { tenant }: Caller,
    @Param() lane: LaneParam,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LaneDto> {
    const view = found(await this.lanes.find(tenant, lane), 'lane');
    void reply.header('etag', etagOf(view.version));
    return view;
  }

  @Post(':flow/:laneKey/resume')
  @HttpCode(200)
  @Requires('operator')
  @ApiOperation({
    summary: 'Resume a lane',
    description: 'A parked lane retries the dead letter that stopped it; a blocked one tries again at once.',
  })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiHeader(OPTIONAL_IF_MATCH)
  @ApiOkResponse({ type: LaneDto })
  @ApiProblems(...CHANGE_PROBLEMS)
  resume(
    @Caller() caller: Caller,
    @Param() lane: LaneParam,
    @Body() { reason }: ResumeLaneDto,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<LaneDto> {
    return this.lanes.resume(caller.tenant, lane, remedyOf(reason ?? null, ifMatch), caller.change);
  }

  @Post(':flow/:laneKey/skip')
  @HttpCode(200)
  @Requires('operator')
  @ApiOperation({
    summary: 'Skip the head of a lane',
    description: 'Its run is discarded; the lane goes on with the next one.',
  })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiHeader(OPTIONAL_IF_MATCH)
  @ApiOkResponse({ type: LaneDto })
  @ApiProblems(...CHANGE_PROBLEMS)
  skip(
    @Caller() caller: Caller,
    @Param() lane: LaneParam,
    @Body() { reason }: SkipLaneDto,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<LaneDto> {
    return this.lanes.skip(caller.tenant, lane, remedyOf(reason, ifMatch), caller.change);
  }

  @Post(':flow/:laneKey/edit')
  @HttpCode(200)
  @Requires('operator')
  @ApiOperation({
    summary: 'Run the head of a lane with another body',
    description: 'The body is stored sealed beside the original, then the lane resumes. It keeps its key.',
  })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiHeader(OPTIONAL_IF_MATCH)
  @ApiOkResponse({ type: LaneDto })
  @ApiProblems(...CHANGE_PROBLEMS, 'VAULT_UNAVAILABLE')
  async edit(
    @Caller() { tenant, change }: Caller,
    @Param() lane: LaneParam,
    @Body() { document, reason }: EditLaneDto,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<LaneDto> {
    const deliveryId = await this.lanes.stoppedBy(tenant, lane);
    const plain = Buffer.from(JSON.stringify(document));
    const body = await this.bodies.seal(tenant, deliveryId, plain);
    const bodySha256 = createHash('sha256').update(plain).digest('hex');
    const edit = { deliveryId, body, bodySha256, bodyBytes: plain.byteLength };
    return this.lanes.edit(tenant, lane, { ...edit, ...remedyOf(reason, ifMatch) }, change);
  }
}

function remedyOf<R extends string | null>(
  reason: R,
  ifMatch: string | undefined,
): LaneRemedy & { reason: R } {
  const expectedVersion = readIfMatch(ifMatch);
  return expectedVersion === undefined ? { reason } : { reason, expectedVersion };
}
