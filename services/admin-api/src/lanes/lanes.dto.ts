import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsDefined, IsIn, IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';
import {
  LANE_STATES,
  RUN_STATES,
  type JsonValue,
  type LaneRunView,
  type LaneState,
  type LaneSummary,
  type LaneView,
  type RunState,
} from '@ecluse/contracts';
import { NAME, PageQuery } from '../http/requests.dto.js';

const LANE_KEY = /^(?:[0-9a-f]{32}|-)$/;
const time = { format: 'date-time' } as const;
const optionalText = { type: String, nullable: true } as const;
const optionalTime = { type: String, format: 'date-time', nullable: true } as const;
const optionalNumber = { type: 'integer', nullable: true } as const;

export class LaneSummaryDto implements LaneSummary {
  @ApiProperty()
  flow!: string;
  @ApiProperty({
    pattern: LANE_KEY.source,
    description: 'Hash of the business key; `-` is the lane of deliveries without one.',
  })
  laneKey!: string;
  @ApiProperty({ enum: LANE_STATES })
  state!: LaneState;
  @ApiProperty({ ...optionalText, description: 'Why the lane is blocked or parked.' })
  reason!: string | null;
  @ApiProperty({ type: 'integer', description: 'Runs that wait or run, counted up to 10000.' })
  depth!: number;
  @ApiProperty({
    ...optionalText,
    format: 'uuid',
    description: 'The run that stopped the lane, or runs now.',
  })
  headRunId!: string | null;
  @ApiProperty({ type: 'integer', description: 'Failures of the head in a row.' })
  failures!: number;
  @ApiProperty({ ...optionalTime, description: 'When a blocked lane tries again.' })
  retryAt!: string | null;
  @ApiProperty(optionalNumber)
  lastSequence!: number | null;
  @ApiProperty({
    type: 'array',
    items: { type: 'array', items: { type: 'integer' }, minItems: 2, maxItems: 2 },
    description: 'Missing sequence numbers, both ends included, oldest first; the newest 100.',
  })
  gaps!: [number, number][];
  @ApiProperty({ type: 'integer' })
  version!: number;
  @ApiProperty(time)
  updatedAt!: string;
}
export class LaneRunDto implements LaneRunView {
  @ApiProperty({ format: 'uuid' })
  runId!: string;
  @ApiProperty({ format: 'uuid' })
  deliveryId!: string;
  @ApiProperty({ enum: RUN_STATES })
  state!: RunState;
  @ApiProperty(optionalNumber)
  sequence!: number | null;
  @ApiProperty(time)
  queuedAt!: string;
}
export class LaneDto extends LaneSummaryDto implements LaneView {
  @ApiProperty({ ...optionalText, format: 'uuid', description: 'Dead letter that stopped a parked lane.' })
  deadLetterId!: string | null;
  @ApiProperty({ type: [LaneRunDto], description: 'The next runs in order, at most 20.' })
  next!: LaneRunDto[];
}
export class LaneParam {
  @ApiProperty({ pattern: NAME.source })
  @Matches(NAME)
  flow!: string;
  @ApiProperty({ pattern: LANE_KEY.source })
  @Matches(LANE_KEY, { message: 'laneKey must be 32 hexadecimal digits, or -' })
  laneKey!: string;
}
export class LaneQuery extends PageQuery {
  @ApiPropertyOptional({ enum: LANE_STATES })
  @IsOptional()
  @IsIn(LANE_STATES)
  state?: LaneState;
  @ApiPropertyOptional({ pattern: NAME.source })
  @IsOptional()
  @Matches(NAME)
  flow?: string;
  @ApiPropertyOptional({
    minLength: 1,
    maxLength: 1000,
    description: 'Business key, as in the body of a delivery. It is hashed here and not kept.',
  })
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(1000)
  key?: string;
}
export class ResumeLaneDto {
  @ApiPropertyOptional({ minLength: 1, maxLength: 1000, description: 'Shown in the audit log.' })
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(1000)
  reason?: string;
}
export class SkipLaneDto {
  @ApiProperty({ minLength: 1, maxLength: 1000, description: 'Shown in the audit log.' })
  @IsString()
  @MinLength(1)
  @MaxLength(1000)
  reason!: string;
}
export class EditLaneDto extends SkipLaneDto {
  @ApiProperty({
    description: 'The body to run with: any JSON value. It is stored sealed; the original is kept.',
    oneOf: ['object', 'array', 'string', 'number', 'boolean'].map((type) => ({
      type,
      ...(type === 'array' ? { items: {} } : {}),
    })),
  })
  @IsDefined()
  document!: JsonValue;
}
