import { ValidationPipe, type ArgumentMetadata, type ValidationError } from '@nestjs/common';
import { EcluseError, type ErrorDetail } from '@ecluse/errors';

/** Checks bodies, queries and path parameters against their DTOs. Converts nothing, accepts no unknown field. */
export class StrictValidationPipe extends ValidationPipe {
  constructor() {
    super({
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: true,
      transform: false,
      validationError: { target: false, value: false },
      exceptionFactory: (failures) =>
        new EcluseError('REQUEST_INVALID', { errors: failures.flatMap((failure) => describe(failure, '')) }),
    });
  }

  /** No body is an empty one: where every field is optional, it may be left out. */
  override transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    return super.transform(metadata.type === 'body' ? (value ?? {}) : value, metadata);
  }
}

function describe(failure: ValidationError, parent: string): ErrorDetail[] {
  const pointer = `${parent}/${failure.property.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const own = Object.values(failure.constraints ?? {}).map((message): ErrorDetail => ({ pointer, message }));
  return [...own, ...(failure.children ?? []).flatMap((child) => describe(child, pointer))];
}
