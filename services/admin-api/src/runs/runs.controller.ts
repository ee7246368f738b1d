import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Page } from '@ecluse/contracts';
import type { RunQueries } from '@ecluse/storage';
import { Caller } from '../access/caller.decorator.js';
import { Requires } from '../access/requires.decorator.js';
import { found } from '../http/found.js';
import { ApiPage } from '../http/page.dto.js';
import { ApiProblems } from '../http/problem.dto.js';
import { filterOf, IdParam, pageOf } from '../http/requests.dto.js';
import { part, type OperatorLinks } from '../ports.js';
import { RunDto, RunQuery, RunSummaryDto } from './runs.dto.js';

@ApiTags('runs')
@ApiProblems(
  'UNAUTHENTICATED',
  'AUTHENTICATION_LIMITED',
  'ROLE_MISSING',
  'REQUEST_INVALID',
  'STORE_UNAVAILABLE',
)
@Controller('v1/runs')
export class RunsController {
  constructor(
    @Inject(part('runs')) private readonly runs: RunQueries,
    @Inject(part('operatorLinks')) private readonly links: OperatorLinks,
  ) {}

  @Get()
  @Requires('viewer')
  @ApiOperation({ summary: 'List runs, newest first' })
  @ApiPage(RunSummaryDto)
  list(@Caller() caller: Caller, @Query() query: RunQuery): Promise<Page<RunSummaryDto>> {
    return this.runs.list(caller.tenant, filterOf(query, 'flow', 'state', 'deliveryId'), pageOf(query));
  }

  @Get(':id')
  @Requires('viewer')
  @ApiOperation({ summary: 'Show a run with its attempts and effects' })
  @ApiOkResponse({ type: RunDto })
  @ApiProblems('NOT_FOUND')
  async find(@Caller() caller: Caller, @Param() { id }: IdParam): Promise<RunDto> {
    const { executedBy, ...run } = found(await this.runs.find(caller.tenant, id), 'run');
    return { ...run, links: { temporalUi: this.links.toRun(executedBy, run.temporalRunId) } };
  }
}
