import type { BatchBranch, BatchChooseInput, BatchMapInput, BatchProgress } from '@ecluse/contracts';
import { evaluateOver } from '@ecluse/delivery-document';
import { EcluseError } from '@ecluse/errors';
import { conditionResult } from '@ecluse/flow-model';
import { loadItems, parting, settleItems, type BatchItem, type ItemFate } from './batch-items.js';
import { EVALUATIONS_AT_ONCE } from './batch-record.js';
import type { BatchRunDeps } from './batch-run-deps.js';
import { mapBounded } from './bounded.js';
import { fateOf } from './fate.js';

/** An expression has no attempts of its own: what may be tried again is tried in the run's own workflow, at once. */
const AT_ONCE = { attempts: 1, firstMs: 0 };

export async function mapBatch(deps: BatchRunDeps, input: BatchMapInput): Promise<BatchProgress> {
  const items = await loadItems(deps, input.batch);
  const fates = await mapBounded(items, EVALUATIONS_AT_ONCE, (item) =>
    deciding<ItemFate>(input.stepId, item, async () => {
      const document = await deps.documents.load(item.run);
      const output = await evaluateOver(deps.evaluator, input.expression, document, item.steps);
      return { item, fate: { kind: 'done', output } };
    }),
  );
  return settleItems(deps, input.batch, input, fates);
}

/** The runs of the commonest branch stay; of two equally common ones those of the first. */
export async function chooseBatch(deps: BatchRunDeps, input: BatchChooseInput): Promise<BatchBranch> {
  const items = await loadItems(deps, input.batch);
  const groups = new Map<number | null, BatchItem[]>(
    [...input.conditions.keys(), null].map((branch) => [branch, []]),
  );
  const failed = await mapBounded(items, EVALUATIONS_AT_ONCE, async (item) =>
    deciding(input.stepId, item, async () => {
      groups.get(await branchOf(deps, item, input.conditions))?.push(item);
      return undefined;
    }),
  );
  let chosen: { branch: number | null; items: BatchItem[] } = { branch: null, items: [] };
  for (const [branch, group] of groups)
    if (group.length > chosen.items.length) chosen = { branch, items: group };
  const others = [...groups.values()]
    .filter((group) => group !== chosen.items)
    .flat()
    .map((item): ItemFate => ({ item, fate: { kind: 'leaves', pauseMs: 0, reason: null } }));
  await parting(deps, input.batch, [...failed.filter((fate) => fate !== undefined), ...others]);
  return { branch: chosen.branch, size: chosen.items.length };
}

async function branchOf(
  deps: BatchRunDeps,
  item: BatchItem,
  conditions: readonly string[],
): Promise<number | null> {
  const document = await deps.documents.load(item.run);
  for (const [index, when] of conditions.entries()) {
    const condition = conditionResult(await evaluateOver(deps.evaluator, when, document, item.steps));
    if (!condition.ok) throw new EcluseError('MAPPING_FAILED', { detail: `the ${condition.message}` });
    if (condition.value) return index;
  }
  return null;
}

async function deciding<T>(stepId: string, item: BatchItem, decide: () => Promise<T>): Promise<T | ItemFate> {
  try {
    return await decide();
  } catch (error) {
    return { item, fate: fateOf(error, { stepId, attemptsUsed: 0, policy: AT_ONCE }) };
  }
}
