import { applyDecorators, type Type } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, getSchemaPath } from '@nestjs/swagger';

/** Documents the 200 answer of a list: one page of the view. */
export function ApiPage(view: Type): MethodDecorator {
  return applyDecorators(
    ApiExtraModels(view),
    ApiOkResponse({
      description: 'One page, with `Link: <…>; rel="next"` when there is another.',
      schema: {
        type: 'object',
        required: ['items', 'nextCursor'],
        properties: {
          items: { type: 'array', items: { $ref: getSchemaPath(view) } },
          nextCursor: {
            type: 'string',
            nullable: true,
            description: 'Send it as `?cursor=`; null on the last page.',
          },
        },
      },
    }),
  );
}
