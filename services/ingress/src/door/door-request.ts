import type { FastifyRequest } from 'fastify';
import type { RoomShare } from './in-flight-bytes.js';
import type { SourcePolicy } from './source-policy.js';

/** What admission found out about a request. Kept beside the request: nothing a sender sends can set it. */
export interface Admission {
  policy: SourcePolicy;
  /** Media type without parameters, lower case. */
  contentType: string;
  /** Room for the body; given back when the answer is out or the connection is gone. */
  room: RoomShare;
}

const admissions = new WeakMap<FastifyRequest, Admission>();

/** Remembers that a request was admitted. */
export function admit(request: FastifyRequest, admission: Admission): void {
  admissions.set(request, admission);
}

/** Undefined for a request that did not come through the admission hook. */
export function admissionOf(request: FastifyRequest): Admission | undefined {
  return admissions.get(request);
}
