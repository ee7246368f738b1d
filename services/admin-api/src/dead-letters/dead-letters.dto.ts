import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, MaxLength, MinLength } from 'class-validator';
import { DEAD_LETTER_STATES, type DeadLetterState, type DeadLetterView } from '@ecluse/contracts';
import { PageQuery } from '../http/requests.dto.js';

const optionalText = { type: String, nullable: true } as const;

export class DeadLetterDto implements DeadLetterView {
  @ApiProperty({ format: 'uuid' })
  id!: string;
  @ApiProperty({ format: 'uuid' })
  deliveryId!: string;
  @ApiProperty({ format: 'uuid' })
  runId!: string;
  @ApiProperty()
  flow!: string;
  @ApiProperty({ ...optionalText, description: 'Step that failed; null when none had begun.' })
  stepId!: string | null;
  @ApiProperty({ description: 'See docs/reference/errors.md.' })
  code!: string;
  @ApiProperty(optionalText)
  outcome!: string | null;
  @ApiProperty()
  reason!: string;
  @ApiProperty({ description: 'What to do about it.' })
  remedy!: string;
  @ApiProperty({ enum: DEAD_LETTER_STATES })
  state!: DeadLetterState;
  @ApiProperty({ type: 'integer' })
  version!: number;
  @ApiProperty({ format: 'date-time' })
  createdAt!: string;
  @ApiProperty({ ...optionalText, format: 'date-time' })
  settledAt!: string | null;
  @ApiProperty(optionalText)
  settledBy!: string | null;
  @ApiProperty(optionalText)
  settledReason!: string | null;
}
export class DeadLetterQuery extends PageQuery {
  @ApiPropertyOptional({ enum: DEAD_LETTER_STATES })
  @IsOptional()
  @IsIn(DEAD_LETTER_STATES)
  state?: DeadLetterState;
}
export class RetryRequestDto {
  @ApiPropertyOptional({ minLength: 1, maxLength: 1000 })
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(1000)
  reason?: string;
}
export class DiscardRequestDto {
  @ApiProperty({
    minLength: 1,
    maxLength: 1000,
    description: 'Shown with the dead letter and in the audit log.',
  })
  @IsString()
  @MinLength(1)
  @MaxLength(1000)
  reason!: string;
}
