import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength, MinLength } from 'class-validator';
import { CIRCUIT_STATES, type CircuitState, type ConnectionView, type JsonObject } from '@ecluse/contracts';

export class ConnectionDto implements ConnectionView {
  @ApiProperty()
  name!: string;
  @ApiProperty({ type: 'object', additionalProperties: true })
  spec!: JsonObject;
  @ApiProperty({ type: 'integer' })
  version!: number;
  @ApiProperty({ format: 'date-time' })
  updatedAt!: string;
  @ApiProperty({
    enum: CIRCUIT_STATES,
    description: '`closed`: calls pass; `open`: the circuit breaker holds them; `paused`: a person does.',
  })
  state!: CircuitState;
  @ApiProperty({ type: String, nullable: true, description: 'Why calls are held.' })
  stateReason!: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  heldSince!: string | null;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When the circuit breaker looks at the remote again.',
  })
  openUntil!: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'Who changed `state` last.' })
  stateChangedBy!: string | null;
}
export class PauseRequestDto {
  @ApiProperty({
    minLength: 1,
    maxLength: 1000,
    description: 'Shown with the connection, with the runs that wait for it, and in the audit log.',
  })
  @IsString()
  @MinLength(1)
  @MaxLength(1000)
  reason!: string;
}
export class ResumeRequestDto {
  @ApiPropertyOptional({ minLength: 1, maxLength: 1000, description: 'Shown in the audit log.' })
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(1000)
  reason?: string;
}
