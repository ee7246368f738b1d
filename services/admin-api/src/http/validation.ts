import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { EcluseError, type ErrorDetail } from '@ecluse/errors';

/** Checks bodies, queries and path parameters against their DTOs. Converts nothing, accepts no unknown field. */
export function createValidationPipe(): ValidationPipe {
  return new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    transform: false,
    validationError: { target: false, value: false },
    exceptionFactory: (failures) =>
      new EcluseError('REQUEST_INVALID', { errors: failures.flatMap((f) => describe(f, '')) }),
  });
}

function describe(failure: ValidationError, parent: string): ErrorDetail[] {
  const pointer = `${parent}/${failure.property.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const own = Object.values(failure.constraints ?? {}).map((message): ErrorDetail => ({ pointer, message }));
  return [...own, ...(failure.children ?? []).flatMap((child) => describe(child, pointer))];
}
