import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';
import type { AuditView, JsonValue } from '@ecluse/contracts';
import { PageQuery } from '../http/requests.dto.js';

export class AuditDto implements AuditView {
  @ApiProperty()
  id!: string;
  @ApiProperty({ format: 'date-time' })
  at!: string;
  @ApiProperty({ description: 'Name of the API key.' })
  actor!: string;
  @ApiProperty({ example: 'flow.released' })
  action!: string;
  @ApiProperty({ example: 'flow/deal-won-to-order' })
  resource!: string;
  @ApiProperty({ type: 'object', additionalProperties: true })
  detail!: Record<string, JsonValue>;
  @ApiProperty({ type: String, nullable: true })
  requestId!: string | null;
}
export class AuditQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Exact, for example `flow/deal-won-to-order`.', maxLength: 400 })
  @IsOptional()
  @Matches(/^[\x21-\x7e]{1,400}$/)
  resource?: string;
  @ApiPropertyOptional({ description: 'Exact, for example `flow.released`.', maxLength: 100 })
  @IsOptional()
  @Matches(/^[a-z.-]{1,100}$/)
  action?: string;
}
