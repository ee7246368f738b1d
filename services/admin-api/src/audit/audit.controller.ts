import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Page } from '@ecluse/contracts';
import type { AuditLog } from '@ecluse/storage';
import { Caller } from '../access/caller.decorator.js';
import { Requires } from '../access/requires.decorator.js';
import { ApiPage } from '../http/page.dto.js';
import { ApiProblems } from '../http/problem.dto.js';
import { filterOf, pageOf } from '../http/requests.dto.js';
import { part } from '../ports.js';
import { AuditDto, AuditQuery } from './audit.dto.js';

@ApiTags('audit')
@ApiProblems(
  'UNAUTHENTICATED',
  'AUTHENTICATION_LIMITED',
  'ROLE_MISSING',
  'REQUEST_INVALID',
  'STORE_UNAVAILABLE',
)
@Controller('v1/audit')
export class AuditController {
  constructor(@Inject(part('audit')) private readonly audit: AuditLog) {}

  @Get()
  @Requires('viewer')
  @ApiOperation({ summary: 'List audit entries, newest first' })
  @ApiPage(AuditDto)
  list(@Caller() caller: Caller, @Query() query: AuditQuery): Promise<Page<AuditDto>> {
    return this.audit.list(caller.tenant, filterOf(query, 'resource', 'action'), pageOf(query));
  }
}
