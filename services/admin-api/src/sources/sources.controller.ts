import {
  Body,
  Controller,
  Delete,
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
import {
  ApiCreatedResponse,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { SourceStore } from '@ecluse/storage';
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
import { NameParam, PageQuery, pageOf, SecretParam } from '../http/requests.dto.js';
import { part, type SecretWriter } from '../ports.js';
import { SourceDto, toSourceDto } from './sources.dto.js';

@ApiTags('sources')
@ApiProblems(
  'UNAUTHENTICATED',
  'AUTHENTICATION_LIMITED',
  'ROLE_MISSING',
  'REQUEST_INVALID',
  'STORE_UNAVAILABLE',
)
@Controller('v1/sources')
export class SourcesController {
  constructor(
    @Inject(part('sources')) private readonly sources: SourceStore,
    @Inject(part('secrets')) private readonly secrets: SecretWriter,
    @Inject(part('doorPublicUrl')) private readonly doorPublicUrl: string,
    private readonly documents: DocumentReader,
  ) {}

  @Get()
  @Requires('viewer')
  @ApiOperation({ summary: 'List sources, by name' })
  @ApiPage(SourceDto)
  async list(
    @Caller() caller: Caller,
    @Query() query: PageQuery,
  ): Promise<{ items: SourceDto[]; nextCursor: string | null }> {
    const page = await this.sources.list(caller.tenant, pageOf(query));
    return {
      items: page.items.map((record) => toSourceDto(record, this.doorPublicUrl)),
      nextCursor: page.nextCursor,
    };
  }

  @Get(':name')
  @Requires('viewer')
  @ApiOperation({ summary: 'Show a source' })
  @ApiOkResponse({ type: SourceDto, headers: { ETag: { schema: { type: 'string' } } } })
  @ApiProblems('NOT_FOUND')
  async find(
    @Caller() caller: Caller,
    @Param() { name }: NameParam,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SourceDto> {
    const record = found(await this.sources.find(caller.tenant, name), 'source');
    void reply.header('etag', etagOf(record.version));
    return toSourceDto(record, this.doorPublicUrl);
  }

  @Put(':name')
  @Requires('admin')
  @ApiOperation({
    summary: 'Create or change a source',
    description: 'A new source gets a random door URL that later changes keep.',
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
    const spec = this.documents.source(caller.tenant, name, body);
    const current = body.dryRun === true ? await this.sources.find(caller.tenant, name) : undefined;
    const options = putOptions(body, ifMatch, current?.version);
    const { change, record } = await this.sources.put(caller.tenant, name, spec, options, caller.change);
    void reply.header('etag', etagOf(record.version));
    return { kind: 'Source', name, change, version: record.version };
  }

  @Post(':name/secrets')
  @Requires('admin')
  @ApiOperation({
    summary: 'Add or replace a secret',
    description: 'Deliveries signed with any of the secrets are accepted, so that senders can change over.',
  })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiCreatedResponse({ type: SourceDto })
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
  ): Promise<SourceDto> {
    const write = (): Promise<void> =>
      this.secrets.put({ kind: 'webhooks', tenant: caller.tenant, name }, secretId, value);
    const record = await this.sources.changeSecret(
      caller.tenant,
      name,
      { kind: 'added', secretId, write },
      caller.change,
    );
    return toSourceDto(record, this.doorPublicUrl);
  }

  @Delete(':name/secrets/:secretId')
  @HttpCode(204)
  @Requires('admin')
  @ApiOperation({ summary: 'Remove a secret' })
  @ApiNoContentResponse()
  @ApiProblems('NOT_FOUND', 'VAULT_UNAVAILABLE', 'STORE_UNAVAILABLE')
  async removeSecret(@Caller() caller: Caller, @Param() { name, secretId }: SecretParam): Promise<void> {
    const source = found(await this.sources.find(caller.tenant, name), 'source');
    found(
      source.secretIds.find((id) => id === secretId),
      'secret of this source',
    );
    const write = (): Promise<void> =>
      this.secrets.remove({ kind: 'webhooks', tenant: caller.tenant, name }, secretId);
    await this.sources.changeSecret(caller.tenant, name, { kind: 'removed', secretId, write }, caller.change);
  }
}
