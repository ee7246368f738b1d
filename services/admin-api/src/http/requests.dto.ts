import { ApiPropertyOptional, ApiProperty } from '@nestjs/swagger';
import { IsOptional, IsString, IsUUID, Matches, MaxLength } from 'class-validator';
import type { PageRequest } from '@ecluse/storage';

export const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const NAME_MESSAGE = 'must be 1 to 63 of a-z, 0-9 and -, beginning and ending with a letter or digit';
/** Rows of a page unless asked otherwise. */
const DEFAULT_LIMIT = 50;

export class NameParam {
  @ApiProperty({ pattern: NAME.source })
  @Matches(NAME, { message: `name ${NAME_MESSAGE}` })
  name!: string;
}
export class VersionParam extends NameParam {
  @ApiProperty({ type: 'integer', minimum: 1 })
  @Matches(/^[1-9]\d{0,8}$/, { message: 'version must be a positive integer' })
  version!: string;
}
export class IdParam {
  @ApiProperty({ format: 'uuid' })
  @IsUUID()
  id!: string;
}
export class SecretParam extends NameParam {
  @ApiProperty({ pattern: '^[a-z0-9-]{1,40}$' })
  @Matches(/^[a-z0-9-]{1,40}$/)
  secretId!: string;
}

/** Every list takes these. Strings, because nothing is converted implicitly. */
export class PageQuery {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: 200,
    default: DEFAULT_LIMIT,
    description: 'Rows wanted.',
  })
  @IsOptional()
  @Matches(/^([1-9]\d?|1\d\d|200)$/, { message: 'limit must be an integer from 1 to 200' })
  limit?: string;

  @ApiPropertyOptional({ description: '`nextCursor` of the page before.', maxLength: 1024 })
  @IsOptional()
  @IsString()
  @MaxLength(1024)
  cursor?: string;
}

export function pageOf(query: PageQuery): PageRequest {
  const limit = query.limit === undefined ? DEFAULT_LIMIT : Number(query.limit);
  return query.cursor === undefined ? { limit } : { limit, cursor: query.cursor };
}
/** The filter part of a list's query: the fields named that were given. */
export function filterOf<T extends object, K extends keyof T>(
  query: T,
  ...names: K[]
): { [P in K]?: NonNullable<T[P]> } {
  const given = names.filter((name) => query[name] !== undefined).map((name) => [name, query[name]] as const);
  return Object.fromEntries(given) as { [P in K]?: NonNullable<T[P]> };
}
