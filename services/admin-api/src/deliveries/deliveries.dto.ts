import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
} from 'class-validator';
import {
  DELIVERY_STATES,
  type DeliveryState,
  type DeliveryView,
  type ReplayRequest,
} from '@ecluse/contracts';
import { NAME, PageQuery } from '../http/requests.dto.js';
import { RunSummaryDto } from '../runs/runs.dto.js';

export class DeliveryDto implements DeliveryView {
  @ApiProperty({ format: 'uuid' })
  id!: string;
  @ApiProperty()
  source!: string;
  @ApiProperty({ description: "Delivery key: how the sender's repetitions are recognised." })
  key!: string;
  @ApiProperty({ enum: DELIVERY_STATES })
  state!: DeliveryState;
  @ApiProperty({ type: String, nullable: true })
  stateReason!: string | null;
  @ApiProperty({ type: 'integer' })
  bodyBytes!: number;
  @ApiProperty()
  contentType!: string;
  @ApiProperty({ description: 'Id of the secret that verified it.' })
  secretId!: string;
  @ApiProperty({ format: 'date-time' })
  receivedAt!: string;
  @ApiProperty({ type: [RunSummaryDto] })
  runs!: RunSummaryDto[];
}
export class DeliveryQuery extends PageQuery {
  @ApiPropertyOptional({ enum: DELIVERY_STATES })
  @IsOptional()
  @IsIn(DELIVERY_STATES)
  state?: DeliveryState;
  @ApiPropertyOptional({ pattern: NAME.source })
  @IsOptional()
  @Matches(NAME)
  source?: string;
}
export class ReplayRequestDto implements ReplayRequest {
  @ApiPropertyOptional({
    pattern: NAME.source,
    description: "Needed when the delivery's source feeds several flows.",
  })
  @IsOptional()
  @Matches(NAME)
  flow?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, description: 'Default: the released version.' })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(999_999_999)
  version?: number;

  @ApiPropertyOptional({
    default: false,
    description: 'Make confirmed effects again. Default: they are skipped.',
  })
  @IsOptional()
  @IsBoolean()
  repeatEffects?: boolean;

  @ApiProperty({ minLength: 1, maxLength: 1000, description: 'Shown in the audit log.' })
  @IsString()
  @MinLength(1)
  @MaxLength(1000)
  reason!: string;
}
