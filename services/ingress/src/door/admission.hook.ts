import { EcluseError, isEcluseError, type ErrorName } from '@ecluse/errors';
import { lookUpHeader } from '@ecluse/webhook-auth';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { mediaType } from './content-type.js';
import type { DoorProblems } from './door-problem.js';
import { admit } from './door-request.js';
import type { InFlightBytes } from './in-flight-bytes.js';
import { within } from './patience.js';
import type { Pressure } from './pressure.js';
import { noRoom } from './read-body.js';
import { retryAfterSeconds } from './retry-after.js';
import type { SourceDirectory } from './source-directory.js';
import type { SourcePolicy } from './source-policy.js';

export interface AdmissionDeps {
  sources: Pick<SourceDirectory, 'known' | 'find'>;
  inFlight: InFlightBytes;
  pressure: Pick<Pressure, 'overload'>;
  problems: DoorProblems;
  /** Longest wait for the look-up of a source that is not cached, milliseconds. */
  lookUpMs: number;
}

function refused(name: ErrorName): EcluseError {
  return new EcluseError(name);
}

function unavailable(reason: { detail?: string; cause?: unknown }): EcluseError {
  return new EcluseError('INBOX_UNAVAILABLE', { ...reason, retryAfterSeconds: retryAfterSeconds() });
}

async function lookUp(deps: AdmissionDeps, token: string): Promise<SourcePolicy> {
  const late = (): EcluseError => unavailable({ detail: 'the look-up of the source takes too long' });
  try {
    const policy = await within(deps.lookUpMs, deps.sources.find(token), late);
    if (policy === undefined) throw refused('SOURCE_UNKNOWN');
    return policy;
  } catch (error) {
    if (isEcluseError(error, 'SOURCE_UNKNOWN') || isEcluseError(error, 'INBOX_UNAVAILABLE')) throw error;
    throw unavailable({ cause: error });
  }
}

function checkContentType(rawHeaders: readonly string[], policy: SourcePolicy): string {
  // A content-coded body would have to be inflated before its signature can be checked.
  if (!('missing' in lookUpHeader(rawHeaders, 'content-encoding'))) throw refused('CONTENT_UNSUPPORTED');
  const header = lookUpHeader(rawHeaders, 'content-type');
  const type = 'found' in header ? mediaType(header.found) : undefined;
  if (type === undefined || !policy.limits.contentTypes.includes(type)) throw refused('CONTENT_UNSUPPORTED');
  return type;
}

/** Bytes that the request announces; 0 for a chunked one, whose bytes count as they come. */
function announcedBytes(request: FastifyRequest, policy: SourcePolicy): number {
  const declared = request.headers['content-length'];
  if (declared === undefined) return 0;
  // Node's parser lets only digits through.
  const bytes = Number(declared);
  if (bytes > policy.limits.maxBody) throw refused('BODY_TOO_LARGE');
  return bytes;
}

function check(
  deps: AdmissionDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  policy: SourcePolicy,
): void {
  if (request.method !== 'POST') {
    void reply.header('allow', 'POST');
    throw refused('METHOD_REFUSED');
  }
  const contentType = checkContentType(request.raw.rawHeaders, policy);
  const announced = announcedBytes(request, policy);
  const overload = deps.pressure.overload();
  if (overload !== undefined) throw unavailable({ detail: overload });
  if (!deps.inFlight.hasRoom(announced)) throw noRoom();
  const room = deps.inFlight.share();
  // Fires once in every case: answered, cut off, timed out.
  reply.raw.once('close', () => {
    room.giveBack();
  });
  admit(request, { policy, contentType, room });
}

/**
 * Everything that can be decided before a byte of the body is read: the source, the method, encoding, type,
 * declared length, room, pressure. A refused request is answered at once and its connection is closed.
 */
export function admissionHook(deps: AdmissionDeps) {
  return (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    const { sourceToken = '' } = request.params as { sourceToken?: string };
    const decide = (policy: SourcePolicy): void => {
      check(deps, request, reply, policy);
    };
    const refuse = (error: unknown): void => {
      deps.problems.answer(request, reply, error);
    };
    const known = deps.sources.known(sourceToken);
    if (known === undefined) {
      lookUp(deps, sourceToken).then(decide).then(done, refuse);
      return;
    }
    try {
      decide(known);
    } catch (error) {
      refuse(error);
      return;
    }
    done();
  };
}
