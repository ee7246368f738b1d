import { Controller, Get, Inject } from '@nestjs/common';
import {
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiPropertyOptional,
  ApiTags,
  getSchemaPath,
  ApiExtraModels,
} from '@nestjs/swagger';
import type { HealthView } from '@ecluse/contracts';
import { checkHealth } from '@ecluse/http';
import { Requires } from '../access/requires.decorator.js';
import { ApiProblems } from '../http/problem.dto.js';
import { part } from '../ports.js';

const STATES = ['ok', 'unavailable'] as const;

export class PartHealthDto {
  @ApiProperty({ enum: STATES })
  status!: 'ok' | 'unavailable';
  @ApiPropertyOptional()
  detail?: string;
}
@ApiExtraModels(PartHealthDto)
export class HealthDto implements HealthView {
  @ApiProperty({ enum: STATES })
  status!: 'ok' | 'unavailable';
  @ApiProperty()
  service!: string;
  @ApiProperty()
  version!: string;
  @ApiProperty({ type: 'object', additionalProperties: { $ref: getSchemaPath(PartHealthDto) } })
  parts!: Record<string, PartHealthDto>;
}

/** All parts of the platform as this process sees them; the open `/health/*` tell of those it cannot work without. */
@ApiTags('health')
@ApiProblems('UNAUTHENTICATED', 'AUTHENTICATION_LIMITED', 'STORE_UNAVAILABLE')
@Controller('v1/health')
export class HealthController {
  constructor(
    @Inject(part('checks')) private readonly checks: Record<string, () => Promise<void>>,
    @Inject(part('otherChecks')) private readonly others: Record<string, () => Promise<void>>,
    @Inject(part('version')) private readonly version: string,
  ) {}

  @Get()
  @Requires('viewer')
  @ApiOperation({
    summary: 'Show the health of every part',
    description: 'Answers 200 also when a part is unavailable.',
  })
  @ApiOkResponse({ type: HealthDto })
  show(): Promise<HealthDto> {
    return checkHealth({
      service: 'admin-api',
      version: this.version,
      checks: { ...this.checks, ...this.others },
    });
  }
}
