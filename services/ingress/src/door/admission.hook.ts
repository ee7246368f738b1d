import { EcluseError, isEcluseError, type ErrorName } from '@ecluse/errors';
import type { Logger } from '@ecluse/observability';
import { lookUpHeader } from '@ecluse/webhook-auth';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { mediaType } from './content-type.js';
import { answerProblem } from './door-problem.js';
import { admit } from './door-request.js';
import type { InFlightBytes } from './in-flight-bytes.js';
import { retryAfterSeconds } from './retry-after.js';
import type { SourceDirectory } from './source-directory.js';
import type { SourcePolicy } from './source-policy.js';

/** Route of the door, as Fastify names it. */
export const DOOR_ROUTE = '/in/:sourceToken';

export interface AdmissionDeps {
  sources: Pick<SourceDirectory, 'find'>;
  inFlight: InFlightBytes;
  log: Logger;
}

function refused(name: ErrorName): EcluseError {
  return new EcluseError(name);
}

async function findSource(deps: AdmissionDeps, request: FastifyRequest): Promise<SourcePolicy> {
  const { sourceToken } = request.params as { sourceToken?: unknown };
  try {
    const policy = typeof sourceToken === 'string' ? await deps.sources.find(sourceToken) : undefined;
    if (policy === undefined) throw refused('SOURCE_UNKNOWN');
    return policy;
  } catch (error) {
    if (isEcluseError(error, 'SOURCE_UNKNOWN')) throw error;
    throw new EcluseError('INBOX_UNAVAILABLE', { retryAfterSeconds: retryAfterSeconds(), cause: error });
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

/** Bytes that the request may bring: what it declares, or the limit when it is chunked. */
function expectedBytes(request: FastifyRequest, policy: SourcePolicy): number {
  const declared = request.headers['content-length'];
  if (declared === undefined)
    return request.headers['transfer-encoding'] === undefined ? 0 : policy.limits.maxBody;
  // Node's parser lets only digits through.
  const bytes = Number(declared);
  if (bytes > policy.limits.maxBody) throw refused('BODY_TOO_LARGE');
  return bytes;
}

async function check(deps: AdmissionDeps, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const policy = await findSource(deps, request);
  if (request.method !== 'POST') {
    void reply.header('allow', 'POST');
    throw refused('METHOD_REFUSED');
  }
  const contentType = checkContentType(request.raw.rawHeaders, policy);
  const giveBack = deps.inFlight.reserve(expectedBytes(request, policy));
  if (giveBack === undefined)
    throw new EcluseError('INBOX_UNAVAILABLE', { retryAfterSeconds: retryAfterSeconds() });
  // Fires once in every case: answered, cut off, timed out.
  reply.raw.once('close', giveBack);
  admit(request, { policy, contentType });
}

/**
 * Everything that can be decided before a byte of the body is read: the source, the method, encoding, type,
 * declared length, room. A refused request is answered at once and its connection is closed.
 */
export function admissionHook(deps: AdmissionDeps) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    if (request.routeOptions.url !== DOOR_ROUTE) return undefined;
    try {
      await check(deps, request, reply);
      return undefined;
    } catch (error) {
      return answerProblem(request, reply, error, deps.log);
    }
  };
}
