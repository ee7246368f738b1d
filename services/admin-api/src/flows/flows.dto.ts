import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min, MinLength } from 'class-validator';
import type { FlowDefinition, FlowVersionView, FlowView, ReleaseView } from '@ecluse/contracts';

const MOST_VERSION = 999_999_999;

export class FlowDto implements FlowView {
  @ApiProperty()
  name!: string;
  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'Version that new deliveries start on; null before the first release.',
  })
  releasedVersion!: number | null;
  @ApiProperty({ type: 'integer' })
  latestVersion!: number;
  @ApiProperty({ description: 'Source of the released version, or of the latest where none is released.' })
  source!: string;
  @ApiProperty({ type: 'integer', description: 'Row version, as in the ETag.' })
  version!: number;
}
export class FlowVersionDto implements FlowVersionView {
  @ApiProperty()
  flow!: string;
  @ApiProperty({ type: 'integer' })
  version!: number;
  @ApiProperty({ description: 'SHA-256, hex, of the canonical definition.' })
  sha256!: string;
  @ApiProperty({ type: 'object', additionalProperties: true })
  definition!: FlowDefinition;
  @ApiProperty({ format: 'date-time' })
  createdAt!: string;
  @ApiProperty()
  createdBy!: string;
}
export class ReleaseDto implements ReleaseView {
  @ApiProperty()
  flow!: string;
  @ApiProperty({ type: 'integer' })
  version!: number;
  @ApiProperty({ type: 'integer', nullable: true })
  previousVersion!: number | null;
  @ApiProperty({ enum: ['release', 'rollback'] })
  kind!: 'release' | 'rollback';
  @ApiProperty()
  actor!: string;
  @ApiProperty({ type: String, nullable: true })
  reason!: string | null;
  @ApiProperty({ format: 'date-time' })
  releasedAt!: string;
}
export class ReleaseRequestDto {
  @ApiProperty({ type: 'integer', minimum: 1 })
  @IsInt()
  @Min(1)
  @Max(MOST_VERSION)
  version!: number;

  @ApiPropertyOptional({ maxLength: 1000, description: 'Shown in the history and in the audit log.' })
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(1000)
  reason?: string;
}
export class RollbackRequestDto {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    description: 'Default: the version released before the current one.',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MOST_VERSION)
  version?: number;

  @ApiPropertyOptional({ maxLength: 1000, description: 'Shown in the history and in the audit log.' })
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(1000)
  reason?: string;
}
