import { ApiProperty } from '@nestjs/swagger';
import type { JsonObject, SourceView } from '@ecluse/contracts';
import type { SourceRecord } from '@ecluse/storage';

export class SourceDto implements SourceView {
  @ApiProperty()
  name!: string;
  @ApiProperty({
    description: 'Door URL to give to the sender. It names the source; the signature authenticates.',
  })
  url!: string;
  @ApiProperty({ type: 'object', additionalProperties: true })
  spec!: JsonObject;
  @ApiProperty({
    type: [String],
    description: 'Ids of the secrets, without values. Empty: every delivery is refused.',
  })
  secretIds!: string[];
  @ApiProperty({ type: 'integer' })
  version!: number;
  @ApiProperty({ format: 'date-time' })
  updatedAt!: string;
}

export function toSourceDto(record: SourceRecord, doorPublicUrl: string): SourceDto {
  const { token, name, spec, secretIds, version, updatedAt } = record;
  return { name, url: `${doorPublicUrl}/in/${token}`, spec, secretIds, version, updatedAt };
}
