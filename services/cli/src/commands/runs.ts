import type { Command } from 'commander';
import type { Page, RunSummary, RunView } from '@ecluse/contracts';
import { showFields, showJson, showTable } from '../terminal/table.js';
import { adminClient, optionsOf } from './command-context.js';
import { noteNextPage, queryOf, withPaging, type ListOptions } from './list-options.js';

interface RunOptions extends ListOptions {
  readonly flow?: string;
  readonly state?: string;
  readonly delivery?: string;
}
type Options = ReturnType<typeof optionsOf<RunOptions>>;

/** `ecluse runs [id]`. */
export function registerRuns(program: Command): void {
  withPaging(program.command('runs'))
    .description('list runs, newest first; with an id, one of them with attempts, effects and links')
    .argument('[id]', 'run')
    .option('--flow <name>', 'of one flow')
    .option('--state <state>', 'queued, started, running, succeeded or dead_letter')
    .option('--delivery <id>', 'of one delivery')
    .action(async (id: string | undefined, _options, self: Command) => {
      const options = optionsOf<RunOptions>(self);
      await (id === undefined ? list(options) : show(id, options));
    });
}

async function list(options: Options): Promise<void> {
  const { flow, state, delivery: deliveryId, limit, cursor } = options;
  const client = await adminClient(options);
  const query = queryOf({ flow, state, deliveryId, limit, cursor });
  const { body: page } = await client.get<Page<RunSummary>>(`/v1/runs${query}`);
  if (options.json === true) {
    showJson(page);
    return;
  }
  const rows = page.items.map((r) => [r.id, r.flow, r.flowVersion, outcomeOf(r), r.queuedAt, r.endedAt]);
  showTable(['run', 'flow', 'version', 'state', 'queued', 'ended'], rows);
  noteNextPage(page);
}

function outcomeOf({ state, triggered }: RunSummary): string {
  return triggered === false ? `${state} (trigger not met)` : state;
}

async function show(id: string, options: Options): Promise<void> {
  const client = await adminClient(options);
  const { body: run } = await client.get<RunView>(`/v1/runs/${encodeURIComponent(id)}`);
  if (options.json === true) {
    showJson(run);
    return;
  }
  showFields({
    run: run.id,
    delivery: run.deliveryId,
    flow: `${run.flow}, version ${String(run.flowVersion)} (${run.flowSha256.slice(0, 12)})`,
    state: outcomeOf(run),
    failure:
      run.failure === null
        ? null
        : `${run.failure.code} at ${run.failure.stepId ?? 'the start'}: ${run.failure.reason}`,
    'replay of': run.replayOf,
    'asked for by': run.requestedBy,
    'start waits': run.startReason,
    'waits for': run.waitingFor,
    note: run.note,
    queued: run.queuedAt,
    ended: run.endedAt,
    batch: run.batchId,
    workflow: run.workflowId,
    'Temporal UI': `${run.links.temporalUi} (log in with ecluse ui)`,
  });
  showTable(
    ['step', 'attempt', 'operation', 'outcome', 'database user', 'lease ends', 'reason'],
    run.attempts.map((a) => [
      a.stepId,
      a.attempt,
      `${a.connection}.${a.operation}`,
      a.outcome,
      a.leaseUser,
      a.leaseExpiresAt,
      a.reason,
    ]),
  );
  showTable(
    ['effect of step', 'operation', 'state', 'settled', 'idempotency key'],
    run.effects.map((e) => [
      e.stepId,
      `${e.connection}.${e.operation}`,
      e.state,
      e.settledAt,
      e.idempotencyKey,
    ]),
  );
}
