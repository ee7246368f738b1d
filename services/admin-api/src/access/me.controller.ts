import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { ROLES, type PrincipalView, type Role } from '@ecluse/contracts';
import { ApiProblems } from '../http/problem.dto.js';
import { Caller } from './caller.decorator.js';
import { Requires } from './requires.decorator.js';

export class PrincipalDto implements PrincipalView {
  @ApiProperty()
  tenant!: string;
  @ApiProperty()
  name!: string;
  @ApiProperty({ enum: ROLES })
  role!: Role;
  @ApiProperty()
  keyId!: string;
  @ApiProperty({ format: 'date-time' })
  expiresAt!: string;
}

@ApiTags('access')
@ApiProblems('UNAUTHENTICATED', 'AUTHENTICATION_LIMITED', 'STORE_UNAVAILABLE')
@Controller('v1/me')
export class MeController {
  @Get()
  @Requires('viewer')
  @ApiOperation({ summary: 'Show the caller as this API sees it' })
  @ApiOkResponse({ type: PrincipalDto })
  show(@Caller() { tenant, name, role, keyId, expiresAt }: Caller): PrincipalDto {
    return { tenant, name, role, keyId, expiresAt: expiresAt.toISOString() };
  }
}
