import { Controller, Inject, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiHeader, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import type { UiSession } from '@ecluse/contracts';
import type { AuditLog } from '@ecluse/storage';
import { Caller } from '../access/caller.decorator.js';
import { Requires } from '../access/requires.decorator.js';
import { IDEMPOTENCY_KEY } from '../http/headers.js';
import { AnswerNotStored } from '../http/idempotency.interceptor.js';
import { ApiProblems } from '../http/problem.dto.js';
import { part, type OperatorLinks } from '../ports.js';

export class UiSessionDto implements UiSession {
  @ApiProperty({ description: 'Opens the Temporal UI, once. `?to=/namespaces/…` leads on to a page of it.' })
  url!: string;
  @ApiProperty({ format: 'date-time' })
  expiresAt!: string;
}

@ApiTags('operator')
@ApiProblems(
  'UNAUTHENTICATED',
  'AUTHENTICATION_LIMITED',
  'ROLE_MISSING',
  'REQUEST_INVALID',
  'STORE_UNAVAILABLE',
)
@Controller('v1/ui-sessions')
export class UiSessionsController {
  constructor(
    @Inject(part('operatorLinks')) private readonly links: OperatorLinks,
    @Inject(part('audit')) private readonly audit: AuditLog,
  ) {}

  @Post()
  @AnswerNotStored()
  @Requires('operator')
  @ApiOperation({
    summary: 'Create a one-time login link of the operator listener',
    description:
      'Valid for 60 s. The link is a secret and is not stored: every call makes another, whatever its Idempotency-Key.',
  })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiCreatedResponse({ type: UiSessionDto })
  @ApiProblems('REQUEST_INVALID', 'IDEMPOTENCY_KEY_MISSING')
  async create(@Caller() caller: Caller): Promise<UiSessionDto> {
    const { tenant, keyId, name, expiresAt: keyExpiresAt } = caller;
    await this.audit.record(
      tenant,
      { action: 'ui-session.requested', resource: `api-key/${keyId}`, detail: {} },
      caller.change,
    );
    const { url, expiresAt } = this.links.create({ tenant, keyId, name, keyExpiresAt });
    return { url, expiresAt: expiresAt.toISOString() };
  }
}
