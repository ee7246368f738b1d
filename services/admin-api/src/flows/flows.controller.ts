import { Body, Controller, Get, Headers, Inject, Param, Put, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Page } from '@ecluse/contracts';
import type { FlowStore } from '@ecluse/storage';
import { Caller } from '../access/caller.decorator.js';
import { Requires } from '../access/requires.decorator.js';
import { ApplyRequestDto, ApplyResultDto } from '../documents/documents.dto.js';
import { DocumentReader } from '../documents/document-reader.js';
import { putOptions } from '../http/apply.js';
import { found } from '../http/found.js';
import { IF_MATCH } from '../http/headers.js';
import { ApiPage } from '../http/page.dto.js';
import { etagOf } from '../http/precondition.js';
import { ApiProblems } from '../http/problem.dto.js';
import { NameParam, PageQuery, pageOf, VersionParam } from '../http/requests.dto.js';
import { part } from '../ports.js';
import { FlowDto, FlowVersionDto } from './flows.dto.js';

@ApiTags('flows')
@ApiProblems(
  'UNAUTHENTICATED',
  'AUTHENTICATION_LIMITED',
  'ROLE_MISSING',
  'REQUEST_INVALID',
  'STORE_UNAVAILABLE',
)
@Controller('v1/flows')
export class FlowsController {
  constructor(
    @Inject(part('flows')) private readonly flows: FlowStore,
    private readonly documents: DocumentReader,
  ) {}

  @Get()
  @Requires('viewer')
  @ApiOperation({ summary: 'List flows, by name' })
  @ApiPage(FlowDto)
  list(@Caller() caller: Caller, @Query() query: PageQuery): Promise<Page<FlowDto>> {
    return this.flows.list(caller.tenant, pageOf(query));
  }

  @Get(':name')
  @Requires('viewer')
  @ApiOperation({ summary: 'Show a flow' })
  @ApiOkResponse({ type: FlowDto, headers: { ETag: { schema: { type: 'string' } } } })
  @ApiProblems('NOT_FOUND')
  async find(
    @Caller() caller: Caller,
    @Param() { name }: NameParam,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<FlowDto> {
    const flow = found(await this.flows.find(caller.tenant, name), 'flow');
    void reply.header('etag', etagOf(flow.version));
    return flow;
  }

  @Put(':name')
  @Requires('admin')
  @ApiOperation({
    summary: 'Publish a flow version',
    description:
      'Versions are immutable; content that exists is answered with its version. Nothing is released.',
  })
  @ApiHeader(IF_MATCH)
  @ApiOkResponse({ type: ApplyResultDto })
  @ApiProblems(
    'DOCUMENT_INVALID',
    'DOCUMENT_UNPARSABLE',
    'EXPRESSION_INVALID',
    'REFERENCE_UNKNOWN',
    'WRITE_UNSAFE',
    'TENANT_MISMATCH',
    'PRECONDITION_MISSING',
    'PRECONDITION_FAILED',
    'DISK_FULL',
    'STORE_UNAVAILABLE',
  )
  async put(
    @Caller() caller: Caller,
    @Param() { name }: NameParam,
    @Body() body: ApplyRequestDto,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ApplyResultDto> {
    const publication = await this.documents.flow(caller.tenant, name, body);
    const current = body.dryRun === true ? await this.flows.find(caller.tenant, name) : undefined;
    const options = putOptions(body, ifMatch, current?.version);
    const outcome = await this.flows.publish(caller.tenant, name, publication, options, caller.change);
    void reply.header('etag', etagOf(outcome.flow.version));
    return { kind: 'Flow', name, change: outcome.change, version: outcome.version };
  }

  @Get(':name/versions')
  @Requires('viewer')
  @ApiOperation({ summary: 'List the versions of a flow, newest first' })
  @ApiPage(FlowVersionDto)
  @ApiProblems('NOT_FOUND')
  async versions(
    @Caller() caller: Caller,
    @Param() { name }: NameParam,
    @Query() query: PageQuery,
  ): Promise<Page<FlowVersionDto>> {
    found(await this.flows.find(caller.tenant, name), 'flow');
    return this.flows.versions(caller.tenant, name, pageOf(query));
  }

  @Get(':name/versions/:version')
  @Requires('viewer')
  @ApiOperation({ summary: 'Show a version of a flow' })
  @ApiOkResponse({ type: FlowVersionDto })
  @ApiProblems('NOT_FOUND')
  async version(@Caller() caller: Caller, @Param() { name, version }: VersionParam): Promise<FlowVersionDto> {
    return found(await this.flows.version(caller.tenant, name, Number(version)), 'flow version');
  }
}
