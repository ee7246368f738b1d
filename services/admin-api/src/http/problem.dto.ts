import { applyDecorators } from '@nestjs/common';
import {
  ApiExtraModels,
  ApiProperty,
  ApiPropertyOptional,
  ApiResponse,
  getSchemaPath,
} from '@nestjs/swagger';
import { ERRORS, type ErrorDetail, type ErrorName, type Problem } from '@ecluse/errors';

export class ErrorDetailDto implements ErrorDetail {
  @ApiPropertyOptional({ description: 'File as the caller named it.' })
  file?: string;
  @ApiPropertyOptional({ type: 'integer', minimum: 1 })
  line?: number;
  @ApiPropertyOptional({ type: 'integer', minimum: 1 })
  column?: number;
  @ApiPropertyOptional({ description: 'RFC 6901 pointer into the document or request.' })
  pointer?: string;
  @ApiProperty()
  message!: string;
  @ApiPropertyOptional()
  expected?: string;
  @ApiPropertyOptional()
  remedy?: string;
  @ApiPropertyOptional()
  code?: string;
}
/** RFC 9457 problem document. */
export class ProblemDto implements Problem {
  @ApiProperty({ description: '`urn:ecluse:error:<code>`; see docs/reference/errors.md.' })
  type!: string;
  @ApiProperty()
  title!: string;
  @ApiProperty({ type: 'integer' })
  status!: number;
  @ApiProperty({ pattern: '^ECL-\\d{4}$' })
  code!: string;
  @ApiPropertyOptional()
  detail?: string;
  @ApiProperty()
  remedy!: string;
  @ApiPropertyOptional({ description: 'As in the `X-Request-Id` header and in the log.' })
  requestId?: string;
  @ApiPropertyOptional({ type: [ErrorDetailDto] })
  errors?: ErrorDetailDto[];
}

/** Documents the problems that an operation may answer with, grouped by status. */
export function ApiProblems(...names: ErrorName[]): MethodDecorator & ClassDecorator {
  const byStatus = Map.groupBy(names, (name) => ERRORS[name].status);
  const responses = [...byStatus].map(([status, entries]) =>
    ApiResponse({
      status,
      description: entries.map((name) => `${ERRORS[name].code} ${ERRORS[name].title}`).join('; '),
      content: { 'application/problem+json': { schema: { $ref: getSchemaPath(ProblemDto) } } },
    }),
  );
  return applyDecorators(ApiExtraModels(ProblemDto), ...responses);
}
