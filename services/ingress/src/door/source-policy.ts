import type { SourceOrder, StoredSource } from '@ecluse/storage';
import { POINTER, resolveAuth, type NamedScheme } from '@ecluse/webhook-auth';

/** One part of the delivery key. `signed: id` is the message id that the scheme of the source signs. */
export type KeySource = { header: string } | { bodyPointer: string } | { signed: 'id' };

/** How repetitions of a delivery are recognised. */
export interface DedupePolicy {
  /** All parts together are the key. */
  key: KeySource[];
  /** What a delivery without its key is: refused, or identified by its body. */
  fallback: 'none' | 'bodyHash';
}
export interface SourceLimits {
  /** Bytes. */
  maxBody: number;
  /** Media types without parameters. */
  contentTypes: string[];
  maxDepth: number;
  maxTokens: number;
  maxKeyLength: number;
}
/** A source's stored definition, ready for the door. */
export interface SourcePolicy {
  tenant: string;
  source: string;
  /** Empty when the definition does not hold: every delivery is then refused. */
  schemes: NamedScheme[];
  dedupe: DedupePolicy;
  limits: SourceLimits;
  /** Paths by which the source's ordered flows order. */
  orders: SourceOrder[];
  /** What is wrong with the definition, for the log. */
  faults: string[];
}

const DEFAULT_LIMITS = {
  contentTypes: ['application/json'],
  maxDepth: 64,
  maxTokens: 200_000,
  maxKeyLength: 256,
};

type Json = Record<string, unknown>;

function objectAt(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

/** A number of the definition, never above the door's own bound. */
function bounded(value: unknown, bound: number): number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? Math.min(value, bound) : bound;
}

function isKeySource(value: unknown): value is KeySource {
  const source = objectAt(value);
  if (typeof source['header'] === 'string') return true;
  if (source['signed'] === 'id') return true;
  return typeof source['bodyPointer'] === 'string' && POINTER.test(source['bodyPointer']);
}

function readDedupe(value: unknown, faults: string[]): DedupePolicy {
  const dedupe = objectAt(value);
  const listed: unknown[] = Array.isArray(dedupe['key']) ? dedupe['key'] : [];
  // Without a stated key: the id that the sender signs, else the body itself. An unsigned id proves nothing.
  if (listed.length === 0) return { key: [{ signed: 'id' }], fallback: 'bodyHash' };
  const key = listed.filter(isKeySource);
  if (key.length !== listed.length) faults.push('dedupe.key has a part that is not known');
  return { key, fallback: dedupe['fallback'] === 'bodyHash' ? 'bodyHash' : 'none' };
}

function readLimits(value: unknown, maxBodyBytes: number): SourceLimits {
  const limits = objectAt(value);
  const types: unknown[] = Array.isArray(limits['contentTypes']) ? limits['contentTypes'] : [];
  const contentTypes = types.filter((type) => typeof type === 'string').map((type) => type.toLowerCase());
  return {
    maxBody: bounded(limits['maxBody'], maxBodyBytes),
    contentTypes: contentTypes.length === 0 ? DEFAULT_LIMITS.contentTypes : contentTypes,
    maxDepth: bounded(limits['maxDepth'], DEFAULT_LIMITS.maxDepth),
    maxTokens: bounded(limits['maxTokens'] ?? limits['maxNodes'], DEFAULT_LIMITS.maxTokens),
    maxKeyLength: bounded(limits['maxKeyLength'], DEFAULT_LIMITS.maxKeyLength),
  };
}

/**
 * Reads a stored definition. It was validated when it was applied; should it not hold all the same, the policy
 * has no schemes and refuses everything, because half a definition would admit what its author did not mean.
 * @param maxBodyBytes The door's own bound, bytes.
 */
export function sourcePolicy(stored: StoredSource, maxBodyBytes: number): SourcePolicy {
  const faults: string[] = [];
  const { schemes, findings } = resolveAuth(stored.spec['auth']);
  for (const { severity, pointer, message } of findings)
    if (severity === 'error') faults.push(`auth${pointer} ${message}`);
  const dedupe = readDedupe(stored.spec['dedupe'], faults);
  return {
    tenant: stored.tenant,
    source: stored.name,
    schemes: faults.length === 0 ? schemes : [],
    dedupe,
    limits: readLimits(stored.spec['limits'], maxBodyBytes),
    orders: stored.orders,
    faults,
  };
}
