import {
  Body,
  Controller,
  Get,
  Headers,
  HttpCode,
  Inject,
  Param,
  Post,
  Put,
  Query,
  Res,
} from '@nestjs/common';
import { ApiHeader, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Page } from '@ecluse/contracts';
import type { ConnectionStore } from '@ecluse/storage';
import { Caller } from '../access/caller.decorator.js';
import { Requires } from '../access/requires.decorator.js';
import { ApplyRequestDto, ApplyResultDto } from '../documents/documents.dto.js';
import { DocumentReader } from '../documents/document-reader.js';
import { SecretRequestDto } from '../documents/secret.dto.js';
import { putOptions } from '../http/apply.js';
import { found } from '../http/found.js';
import { IDEMPOTENCY_KEY, IF_MATCH } from '../http/headers.js';
import { ApiPage } from '../http/page.dto.js';
import { etagOf } from '../http/precondition.js';
import { ApiProblems } from '../http/problem.dto.js';
import { NameParam, PageQuery, pageOf } from '../http/requests.dto.js';
import { part, type SecretWriter } from '../ports.js';
import { ConnectionDto, PauseRequestDto, ResumeRequestDto } from './connections.dto.js';

const HOLD_PROBLEMS = [
  'NOT_FOUND',
  'STATE_CONFLICT',
  'IDEMPOTENCY_KEY_REUSED',
  'IDEMPOTENCY_IN_PROGRESS',
  'IDEMPOTENCY_KEY_MISSING',
  'DISK_FULL',
] as const;

@ApiTags('connections')
@ApiProblems(
  'UNAUTHENTICATED',
  'AUTHENTICATION_LIMITED',
  'ROLE_MISSING',
  'REQUEST_INVALID',
  'STORE_UNAVAILABLE',
)
@Controller('v1/connections')
export class ConnectionsController {
  constructor(
    @Inject(part('connections')) private readonly connections: ConnectionStore,
    @Inject(part('secrets')) private readonly secrets: SecretWriter,
    private readonly documents: DocumentReader,
  ) {}

  @Get()
  @Requires('viewer')
  @ApiOperation({ summary: 'List connections, by name' })
  @ApiPage(ConnectionDto)
  list(@Caller() caller: Caller, @Query() query: PageQuery): Promise<Page<ConnectionDto>> {
    return this.connections.list(caller.tenant, pageOf(query));
  }

  @Get(':name')
  @Requires('viewer')
  @ApiOperation({ summary: 'Show a connection' })
  @ApiOkResponse({ type: ConnectionDto, headers: { ETag: { schema: { type: 'string' } } } })
  @ApiProblems('NOT_FOUND')
  async find(
    @Caller() caller: Caller,
    @Param() { name }: NameParam,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ConnectionDto> {
    const record = found(await this.connections.find(caller.tenant, name), 'connection');
    void reply.header('etag', etagOf(record.version));
    return record;
  }

  @Put(':name')
  @Requires('admin')
  @ApiOperation({
    summary: 'Create or change a connection',
    description: 'Its operations are checked here; the remote is not contacted.',
  })
  @ApiHeader(IF_MATCH)
  @ApiOkResponse({ type: ApplyResultDto })
  @ApiProblems(
    'DOCUMENT_INVALID',
    'DOCUMENT_UNPARSABLE',
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
    const spec = this.documents.connection(caller.tenant, name, body);
    const current = body.dryRun === true ? await this.connections.find(caller.tenant, name) : undefined;
    const options = putOptions(body, ifMatch, current?.version);
    const { change, record } = await this.connections.put(caller.tenant, name, spec, options, caller.change);
    void reply.header('etag', etagOf(record.version));
    return { kind: 'Connection', name, change, version: record.version };
  }

  @Post(':name/pause')
  @HttpCode(200)
  @Requires('operator')
  @ApiOperation({
    summary: 'Hold the calls of a connection back',
    description: 'Work that needs it waits without using up attempts, until it is resumed.',
  })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiOkResponse({ type: ConnectionDto })
  @ApiProblems(...HOLD_PROBLEMS)
  pause(
    @Caller() caller: Caller,
    @Param() { name }: NameParam,
    @Body() { reason }: PauseRequestDto,
  ): Promise<ConnectionDto> {
    return this.connections.pause(caller.tenant, name, reason, caller.change);
  }

  @Post(':name/resume')
  @HttpCode(200)
  @Requires('operator')
  @ApiOperation({
    summary: 'Let the calls of a connection pass',
    description: 'Ends a pause, and closes an open circuit before its time.',
  })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiOkResponse({ type: ConnectionDto })
  @ApiProblems(...HOLD_PROBLEMS)
  resume(
    @Caller() caller: Caller,
    @Param() { name }: NameParam,
    @Body() { reason }: ResumeRequestDto,
  ): Promise<ConnectionDto> {
    return this.connections.resume(caller.tenant, name, reason ?? null, caller.change);
  }

  @Post(':name/secrets')
  @HttpCode(204)
  @Requires('admin')
  @ApiOperation({ summary: 'Add or replace a static secret of a connection' })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiNoContentResponse()
  @ApiProblems(
    'NOT_FOUND',
    'IDEMPOTENCY_KEY_REUSED',
    'IDEMPOTENCY_IN_PROGRESS',
    'VAULT_UNAVAILABLE',
    'STORE_UNAVAILABLE',
    'REQUEST_INVALID',
    'IDEMPOTENCY_KEY_MISSING',
  )
  async addSecret(
    @Caller() caller: Caller,
    @Param() { name }: NameParam,
    @Body() { secretId, value }: SecretRequestDto,
  ): Promise<void> {
    const write = (): Promise<void> =>
      this.secrets.put({ kind: 'connections', tenant: caller.tenant, name }, secretId, value);
    await this.connections.changeSecret(
      caller.tenant,
      name,
      { kind: 'added', secretId, write },
      caller.change,
    );
  }
}
