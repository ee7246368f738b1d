import type { JsonValue } from '@ecluse/contracts';
import { EcluseError } from '@ecluse/errors';
import type { Analysis } from './analyse.js';
import { CompiledExpressions } from './compiled-expressions.js';
import { valueAt } from './cost.js';
import { toMappingError } from './failure.js';
import type { JsonResult } from './json-result.js';
import type { MappingBindings } from './bindings.js';
import { DEFAULT_LIMITS, DEFAULT_POOL, type MappingLimits, type SandboxPoolOptions } from './limits.js';
import { sizeOf } from './measure.js';
import { runNative } from './native-run.js';
import { SandboxPool } from './sandbox/sandbox-pool.js';
import type { SandboxRequest } from './sandbox/sandbox-thread.js';

export interface MappingEvaluator {
  /**
   * Evaluates one expression over `input`. The result is JSON; nothing (undefined) becomes null.
   * Bounded expressions on inputs that keep them cheap run in process, all others in the sandbox.
   * Errors: MAPPING_FAILED (with the place in the expression, never a value of the input), MAPPING_LIMIT,
   * MAPPING_BUSY (the sandbox is full, was not free in time, cannot start, or `signal` aborted; try again later, if it
   * says so after `retryAfterSeconds`).
   *
   * @param signal Aborted, the evaluation gives its place in the sandbox back at once.
   */
  evaluate(
    expression: string,
    input: JsonValue,
    bindings: MappingBindings,
    signal?: AbortSignal,
  ): Promise<JsonValue>;
  /** Starts the sandbox now instead of at its first use, and resolves when it is ready. */
  warmUp(): Promise<void>;
  /** Ends the sandbox's threads; evaluations under way end with MAPPING_BUSY. */
  close(): Promise<void>;
}
export interface MappingEvaluatorOptions {
  pool?: Partial<SandboxPoolOptions>;
  limits?: Partial<MappingLimits>;
}

/** Creates an evaluator; one per process. Threads start with the first expression that needs the sandbox. */
export function createMappingEvaluator(options: MappingEvaluatorOptions = {}): MappingEvaluator {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const pool = new SandboxPool({ ...DEFAULT_POOL, ...options.pool }, limits);
  const expressions = new CompiledExpressions();
  return {
    async evaluate(expression, input, bindings, signal) {
      const { analysis, compiled, literals } = expressions.get(expression);
      if (!analysis.ok) throw refused(analysis);
      const native = compiled !== null && isCheap(analysis, input, bindings, limits);
      const result: JsonResult = native
        ? await runNative(compiled, input, bindings, limits.resultBytes)
        : await runSandboxed(pool, { expression, input, bindings }, signal);
      if (!result.ok) throw toMappingError(result.failure, { expression, literals });
      return result.value;
    },
    warmUp: () => pool.warmUp(),
    close: () => pool.close(),
  };
}

async function runSandboxed(
  pool: SandboxPool,
  { expression, input, bindings }: { expression: string; input: JsonValue; bindings: MappingBindings },
  signal: AbortSignal | undefined,
): Promise<JsonResult> {
  let request: SandboxRequest;
  try {
    request = { expression, input: JSON.stringify(input), bindings: JSON.stringify(bindings) };
  } catch {
    // Thousands of levels exhaust the stack of the serialiser.
    return { ok: false, failure: { kind: 'limit', limit: 'stack' } };
  }
  return await pool.run(request, signal);
}

/** The analysis takes the body for an object: a path from an array would start at each of its items. */
function isCheap(
  analysis: Extract<Analysis, { ok: true }>,
  input: JsonValue,
  bindings: MappingBindings,
  limits: MappingLimits,
): boolean {
  if (analysis.cost === null || Array.isArray(input)) return false;
  const size = sizeOf([input, bindings.steps, bindings.delivery], limits.nativeWork);
  return valueAt(analysis.cost, size) <= limits.nativeWork;
}

function refused(analysis: Extract<Analysis, { ok: false }>): EcluseError {
  const errors = analysis.faults.map(({ position, ...fault }) => ({
    ...fault,
    line: 1,
    column: position + 1,
  }));
  const [first] = analysis.faults;
  const detail = first === undefined ? 'the expression is not valid' : `the expression ${first.message}`;
  return new EcluseError('MAPPING_FAILED', { detail, errors });
}
