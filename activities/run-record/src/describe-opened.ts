import type { CallStep, OpenedRun, RunRef } from '@ecluse/contracts';
import { evaluateOver, type DeliveryDocuments, type MappingEvaluator } from '@ecluse/delivery-document';
import { EcluseError } from '@ecluse/errors';
import { conditionResult, isCallStep, placeSteps } from '@ecluse/flow-model';
import type { RunStore } from '@ecluse/storage';

/** Knows which calls may be tried within a workflow task: short ones that are safe to repeat. */
export interface ShortCalls {
  /** False for a connection that does not exist: the call itself reports that. Throws STORE_UNAVAILABLE. */
  isShort(tenant: string, call: CallStep['call']): Promise<boolean>;
}
export interface OpenedRunDeps {
  runs: Pick<RunStore, 'loadFlow'>;
  documents: DeliveryDocuments;
  evaluator: MappingEvaluator;
  shortCalls: ShortCalls;
}

/**
 * What the interpreter needs of a run that the store has opened. Throws MAPPING_FAILED when the trigger has no truth
 * value, FLOW_VERSION_MISMATCH, and what loading throws.
 */
export async function describeOpened(
  deps: OpenedRunDeps,
  run: RunRef,
  attemptsMade: Record<string, number>,
): Promise<Exclude<OpenedRun, { ended: true }>> {
  const flow = await deps.runs.loadFlow(run);
  if (flow.on.when !== undefined && !(await holds(deps, run, flow.on.when))) return { triggered: false };
  const calls = placeSteps(flow)
    .map(({ step }) => step)
    .filter(isCallStep);
  const short = await Promise.all(calls.map(({ call }) => deps.shortCalls.isShort(run.tenant, call)));
  const local = calls.filter((_call, index) => short[index]).map(({ id }) => id);
  return {
    triggered: true,
    steps: flow.steps,
    ...(local.length === 0 ? {} : { local }),
    ...(Object.keys(attemptsMade).length === 0 ? {} : { attemptsMade }),
  };
}

async function holds(deps: OpenedRunDeps, run: RunRef, when: string): Promise<boolean> {
  const document = await deps.documents.load(run);
  const condition = conditionResult(await evaluateOver(deps.evaluator, when, document, {}));
  if (!condition.ok)
    throw new EcluseError('MAPPING_FAILED', { detail: `the trigger's ${condition.message}` });
  return condition.value;
}
