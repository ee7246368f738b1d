import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { EcluseError } from '@ecluse/errors';
import type { Change } from '@ecluse/storage';
import type { Principal } from '../ports.js';
import type { PresentedKey } from './api-key.js';

interface Proof {
  principal: Principal;
  key: PresentedKey;
}
/** Beside the request and not on it, so that nothing that prints requests prints this. */
const PROOFS = new WeakMap<FastifyRequest, Proof>();

export function setProof(request: FastifyRequest, proof: Proof): void {
  PROOFS.set(request, proof);
}
/** Throws UNAUTHENTICATED on a request that the guard did not let through. */
export function proofOf(request: FastifyRequest): Proof {
  const proof = PROOFS.get(request);
  if (proof === undefined) throw new EcluseError('UNAUTHENTICATED');
  return proof;
}

/** Who calls, with what the stores need for the audit row. */
export interface Caller extends Principal {
  change: Change;
}
export const Caller = createParamDecorator((_data: unknown, context: ExecutionContext): Caller => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  const { principal } = proofOf(request);
  return { ...principal, change: { actor: principal.name, requestId: request.id } };
});
