import { ApiProperty } from '@nestjs/swagger';
import { IsString, Matches, MaxLength, MinLength } from 'class-validator';
import type { SecretRequest } from '@ecluse/contracts';

export class SecretRequestDto implements SecretRequest {
  @ApiProperty({ pattern: '^[a-z0-9-]{1,40}$', description: 'Names the value, for example `2026-11`.' })
  @Matches(/^[a-z0-9-]{1,40}$/, { message: 'secretId must be 1 to 40 of a-z, 0-9 and -' })
  secretId!: string;

  @ApiProperty({ writeOnly: true, minLength: 1, maxLength: 8192, description: 'Never returned by any call.' })
  @IsString()
  @MinLength(1)
  @MaxLength(8192)
  value!: string;
}
