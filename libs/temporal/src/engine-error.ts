import { EcluseError, isEcluseError, type ErrorName } from '@ecluse/errors';

/** gRPC status codes that the table names. */
export const GRPC = {
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

/** One row of the classification of Temporal's answers; the first that fits decides. */
export interface EngineFailureRule {
  codes: readonly number[];
  text?: RegExp;
  error: ErrorName;
  /** What an operator reads. Temporal's own text can quote payload sizes and ids, so it is not passed on. */
  detail: string;
}

export const ENGINE_FAILURE_RULES: readonly EngineFailureRule[] = [
  // Set-up faults: they end when somebody mends the namespace, so work waits instead of dying.
  {
    codes: [GRPC.INVALID_ARGUMENT],
    text: /search attribute/i,
    error: 'ENGINE_UNAVAILABLE',
    detail: 'a search attribute is not registered',
  },
  {
    codes: [GRPC.NOT_FOUND],
    text: /namespace/i,
    error: 'ENGINE_UNAVAILABLE',
    detail: 'the namespace does not exist',
  },
  {
    codes: [GRPC.PERMISSION_DENIED, GRPC.UNAUTHENTICATED],
    error: 'ENGINE_UNAVAILABLE',
    detail: 'access is refused',
  },
  {
    codes: [GRPC.INVALID_ARGUMENT, GRPC.OUT_OF_RANGE, GRPC.UNIMPLEMENTED],
    error: 'RUN_NOT_STARTABLE',
    detail: 'the request is refused',
  },
  { codes: [GRPC.FAILED_PRECONDITION], error: 'RUN_NOT_STARTABLE', detail: 'not possible in this state' },
  { codes: [GRPC.NOT_FOUND], error: 'NOT_FOUND', detail: 'Temporal does not know it' },
  { codes: [GRPC.ALREADY_EXISTS], error: 'STATE_CONFLICT', detail: 'it exists already' },
  { codes: [GRPC.DEADLINE_EXCEEDED], error: 'ENGINE_UNAVAILABLE', detail: 'no answer in time' },
  { codes: [GRPC.RESOURCE_EXHAUSTED], error: 'ENGINE_UNAVAILABLE', detail: 'overloaded' },
];
const FALLBACK: Pick<EngineFailureRule, 'error' | 'detail'> = {
  error: 'ENGINE_UNAVAILABLE',
  detail: 'not reachable',
};

/**
 * Turns whatever a Temporal client call threw into an EcluseError: ENGINE_UNAVAILABLE (backoff), RUN_NOT_STARTABLE,
 * NOT_FOUND, STATE_CONFLICT. An EcluseError inside (the codec's VAULT_UNAVAILABLE) is returned as it is.
 */
export function toEngineError(error: unknown, action: string): EcluseError {
  const chain = causesOf(error);
  const own = chain.find((link) => isEcluseError(link));
  if (own !== undefined) return own;
  const { code, text } = grpcFailureOf(chain);
  const rule =
    ENGINE_FAILURE_RULES.find(
      (candidate) => code !== null && candidate.codes.includes(code) && (candidate.text?.test(text) ?? true),
    ) ?? FALLBACK;
  const suffix = code === null ? '' : ` (gRPC ${code})`;
  return new EcluseError(rule.error, { detail: `${action}: ${rule.detail}${suffix}` });
}

/** gRPC code of an error or of its causes; null when there is none. */
export function grpcCodeOf(error: unknown): number | null {
  return grpcFailureOf(causesOf(error)).code;
}

function causesOf(error: unknown): unknown[] {
  const chain: unknown[] = [];
  let link: unknown = error;
  while (link !== undefined && link !== null && chain.length < 10) {
    chain.push(link);
    link = typeof link === 'object' && 'cause' in link ? link.cause : undefined;
  }
  return chain;
}

function grpcFailureOf(chain: unknown[]): { code: number | null; text: string } {
  for (const link of chain) {
    if (typeof link !== 'object' || link === null) continue;
    // Thrown by the SDK in place of NOT_FOUND.
    if ('name' in link && link.name === 'NamespaceNotFoundError')
      return { code: GRPC.NOT_FOUND, text: 'namespace' };
    if ('code' in link && typeof link.code === 'number') {
      return {
        code: link.code,
        text: 'message' in link && typeof link.message === 'string' ? link.message : '',
      };
    }
  }
  return { code: null, text: '' };
}
