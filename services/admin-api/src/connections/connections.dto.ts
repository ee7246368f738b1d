import { ApiProperty } from '@nestjs/swagger';
import type { ConnectionView, JsonObject } from '@ecluse/contracts';

export class ConnectionDto implements ConnectionView {
  @ApiProperty()
  name!: string;
  @ApiProperty({ type: 'object', additionalProperties: true })
  spec!: JsonObject;
  @ApiProperty({ type: 'integer' })
  version!: number;
  @ApiProperty({ format: 'date-time' })
  updatedAt!: string;
}
