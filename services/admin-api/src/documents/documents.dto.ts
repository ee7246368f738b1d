import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';
import type { ApplyRequest, ApplyResult } from '@ecluse/contracts';

/** Characters; a flow of a hundred steps is a tenth of it. */
const MOST_DOCUMENT = 262_144;

export class ApplyRequestDto implements ApplyRequest {
  @ApiPropertyOptional({ description: 'File name, used only to name places in errors.', maxLength: 255 })
  @IsOptional()
  @IsString()
  @MaxLength(255)
  @Matches(/^\P{Cc}*$/u, { message: 'file must not contain control characters' })
  file?: string;

  @ApiProperty({ description: 'The document, YAML or JSON.', minLength: 1, maxLength: MOST_DOCUMENT })
  @IsString()
  @MinLength(1)
  @MaxLength(MOST_DOCUMENT)
  document!: string;

  @ApiPropertyOptional({ description: 'Validate and compare only; nothing is written.', default: false })
  @IsOptional()
  @IsBoolean()
  dryRun?: boolean;
}
export class ApplyResultDto implements ApplyResult {
  @ApiProperty({ enum: ['Source', 'Connection', 'Flow'] })
  kind!: 'Source' | 'Connection' | 'Flow';
  @ApiProperty()
  name!: string;
  @ApiProperty({ enum: ['created', 'changed', 'unchanged'] })
  change!: 'created' | 'changed' | 'unchanged';
  @ApiProperty({
    type: 'integer',
    description: 'Row version of a source or connection; flow version of a flow.',
  })
  version!: number;
}
