import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsUUID, Matches } from 'class-validator';
import {
  EFFECT_STATES,
  OUTCOME_CLASSES,
  RUN_STATES,
  type AttemptView,
  type EffectState,
  type EffectView,
  type OutcomeClass,
  type RunFailure,
  type RunState,
  type RunSummary,
  type RunView,
} from '@ecluse/contracts';
import { NAME, PageQuery } from '../http/requests.dto.js';

const time = { format: 'date-time' } as const;
const optionalTime = { type: String, format: 'date-time', nullable: true } as const;
const optionalText = { type: String, nullable: true } as const;

export class RunSummaryDto implements RunSummary {
  @ApiProperty({ format: 'uuid' })
  id!: string;
  @ApiProperty({ format: 'uuid' })
  deliveryId!: string;
  @ApiProperty()
  flow!: string;
  @ApiProperty({ type: 'integer' })
  flowVersion!: number;
  @ApiProperty({ enum: RUN_STATES })
  state!: RunState;
  @ApiProperty({
    type: Boolean,
    nullable: true,
    description: "Whether the flow's condition held; null until known.",
  })
  triggered!: boolean | null;
  @ApiProperty({
    type: 'integer',
    description: '0 for the first run of a delivery, then 1, 2, … for replays.',
  })
  replayNo!: number;
  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  replayOf!: string | null;
  @ApiProperty(time)
  queuedAt!: string;
  @ApiProperty(optionalTime)
  startedAt!: string | null;
  @ApiProperty(optionalTime)
  endedAt!: string | null;
  @ApiProperty({ ...optionalText, description: 'What it waits for; null when it does not, or is over.' })
  waitingFor!: string | null;
  @ApiProperty({ ...optionalText, description: 'Why it ended without doing anything, or runs alone.' })
  note!: string | null;
}
export class AttemptDto implements AttemptView {
  @ApiProperty()
  stepId!: string;
  @ApiProperty({ type: 'integer', minimum: 1 })
  attempt!: number;
  @ApiProperty()
  connection!: string;
  @ApiProperty()
  operation!: string;
  @ApiProperty(time)
  startedAt!: string;
  @ApiProperty(optionalTime)
  endedAt!: string | null;
  @ApiProperty({ ...optionalText, description: 'Outcome class; null while it runs.' })
  outcome!: string | null;
  @ApiProperty(optionalText)
  code!: string | null;
  @ApiProperty(optionalText)
  reason!: string | null;
  @ApiProperty({
    ...optionalText,
    description: 'SHA-256 of the lease id: names the lease without being able to use it.',
  })
  leaseRef!: string | null;
  @ApiProperty({ ...optionalText, description: 'User that Vault made for the lease.' })
  leaseUser!: string | null;
  @ApiProperty(optionalTime)
  leaseExpiresAt!: string | null;
}
export class EffectDto implements EffectView {
  @ApiProperty()
  stepId!: string;
  @ApiProperty()
  idempotencyKey!: string;
  @ApiProperty()
  connection!: string;
  @ApiProperty()
  operation!: string;
  @ApiProperty({ enum: EFFECT_STATES })
  state!: EffectState;
  @ApiProperty(optionalText)
  reason!: string | null;
  @ApiProperty(time)
  intendedAt!: string;
  @ApiProperty(optionalTime)
  settledAt!: string | null;
}
export class RunFailureDto implements RunFailure {
  @ApiProperty(optionalText)
  stepId!: string | null;
  @ApiProperty({ description: 'See docs/reference/errors.md.' })
  code!: string;
  @ApiProperty({ enum: OUTCOME_CLASSES, type: String, nullable: true })
  outcome!: OutcomeClass | null;
  @ApiProperty()
  reason!: string;
}
export class RunLinksDto {
  @ApiProperty({ description: 'Page of the run in the Temporal UI; needs a session (POST /v1/ui-sessions).' })
  temporalUi!: string;
}
export class RunDto extends RunSummaryDto implements RunView {
  @ApiProperty()
  workflowId!: string;
  @ApiProperty(optionalText)
  temporalRunId!: string | null;
  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'Batch in which the run was or is executed together with others; null for a run of its own.',
  })
  batchId!: string | null;
  @ApiProperty()
  flowSha256!: string;
  @ApiProperty({ type: RunFailureDto, nullable: true })
  failure!: RunFailureDto | null;
  @ApiProperty({ ...optionalText, description: 'Why the last start failed.' })
  startReason!: string | null;
  @ApiProperty({ ...optionalText, description: 'Who asked for the replay.' })
  requestedBy!: string | null;
  @ApiProperty({ type: [AttemptDto] })
  attempts!: AttemptDto[];
  @ApiProperty({ type: [EffectDto] })
  effects!: EffectDto[];
  @ApiProperty({ type: RunLinksDto })
  links!: RunLinksDto;
}
export class RunQuery extends PageQuery {
  @ApiPropertyOptional({ pattern: NAME.source })
  @IsOptional()
  @Matches(NAME)
  flow?: string;
  @ApiPropertyOptional({ enum: RUN_STATES })
  @IsOptional()
  @IsIn(RUN_STATES)
  state?: RunState;
  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsUUID()
  deliveryId?: string;
}
