import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth, ApiExtension } from '@nestjs/swagger';
import type { Role } from '@ecluse/contracts';

export const ACCESS = 'ecluse:access';
/** What a handler asks of its caller. `open`: nothing. */
export type Access = Role | 'open';

/** The least role that may call the handler. Every handler has this or `@Open()`, or the service does not start. */
export function Requires(role: Role): MethodDecorator {
  return applyDecorators(SetMetadata(ACCESS, role), ApiBearerAuth('apiKey'), ApiExtension('x-role', role));
}

/** Anyone may call the handler. */
export function Open(): MethodDecorator {
  return SetMetadata(ACCESS, 'open');
}
