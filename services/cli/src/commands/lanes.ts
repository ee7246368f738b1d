import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { JsonValue, LaneSummary, LaneView, Page } from '@ecluse/contracts';
import { EcluseError } from '@ecluse/errors';
import { showFields, showJson, showTable } from '../terminal/table.js';
import { print } from '../terminal/terminal.js';
import { adminClient, optionsOf } from './command-context.js';
import { noteNextPage, queryOf, withPaging, type ListOptions } from './list-options.js';

interface LaneOptions extends ListOptions {
  readonly state?: string;
  readonly flow?: string;
  readonly key?: string;
}
interface RemedyOptions {
  readonly reason?: string;
  readonly file?: string;
}

/** `ecluse lanes`: the queues of order keys, and what a person does about one that stopped. */
export function registerLanes(program: Command): void {
  const command = withPaging(program.command('lanes'))
    .description('list lanes: the queues of order keys')
    .option('--state <state>', 'open, blocked or parked (default: all)')
    .option('--flow <flow>', 'of this flow only')
    .option('--key <value>', 'the business key, as in the body of a delivery')
    .action((_options, self: Command) => list(self));
  command
    .command('show')
    .description('one lane: why it stopped, what waits, which numbers are missing')
    .argument('<flow>', 'flow')
    .argument('<lane>', 'lane key, as listed')
    .action((flow: string, lane: string, _options, self: Command) => show(pathOf(flow, lane), self));
  remedy(command, 'resume', 'retry what stopped the lane')
    .option('--reason <text>', 'kept in the audit')
    .action((flow: string, lane: string, _options, self: Command) =>
      mend(pathOf(flow, lane, 'resume'), self),
    );
  remedy(command, 'skip', 'give up what stopped the lane, in your name, and go on')
    .requiredOption('--reason <text>', 'why; kept with the dead letter and in the audit')
    .action((flow: string, lane: string, _options, self: Command) => mend(pathOf(flow, lane, 'skip'), self));
  remedy(command, 'edit', 'run what stopped the lane with another body')
    .requiredOption('--file <json>', 'file with the body; the original is kept')
    .requiredOption('--reason <text>', 'why; kept in the audit')
    .action((flow: string, lane: string, _options, self: Command) => mend(pathOf(flow, lane, 'edit'), self));
}

function remedy(command: Command, name: string, description: string): Command {
  const added = command.command(name).description(description);
  return added.argument('<flow>', 'flow').argument('<lane>', 'lane key, as listed');
}

function pathOf(flow: string, lane: string, action?: string): string {
  const path = `/v1/lanes/${encodeURIComponent(flow)}/${encodeURIComponent(lane)}`;
  return action === undefined ? path : `${path}/${action}`;
}

async function list(self: Command): Promise<void> {
  const { json, state, flow, key, limit, cursor, ...access } = optionsOf<LaneOptions>(self);
  const client = await adminClient(access);
  const query = queryOf({ state, flow, key, limit, cursor });
  const { body: page } = await client.get<Page<LaneSummary>>(`/v1/lanes${query}`);
  if (json === true) {
    showJson(page);
    return;
  }
  const rows = page.items.map((lane) => [
    lane.flow,
    lane.laneKey,
    lane.state,
    lane.depth,
    lane.lastSequence,
    gapsOf(lane),
  ]);
  showTable(['flow', 'lane', 'state', 'waiting', 'last', 'missing'], rows);
  for (const { flow: name, laneKey, reason } of page.items) {
    if (reason !== null) print(`${name}/${laneKey}: ${reason}`);
  }
  noteNextPage(page);
}

/** Missing numbers as `4-6, 8`; null when none are. */
function gapsOf({ gaps }: LaneSummary): string | null {
  if (gaps.length === 0) return null;
  return gaps.map(([from, to]) => (from === to ? String(from) : `${String(from)}-${String(to)}`)).join(', ');
}

async function show(path: string, self: Command): Promise<void> {
  const options = optionsOf(self);
  const client = await adminClient(options);
  const { body } = await client.get<LaneView>(path);
  if (options.json === true) showJson(body);
  else showLane(body);
}

function showLane(lane: LaneView): void {
  showFields({
    flow: lane.flow,
    lane: lane.laneKey,
    state: lane.state,
    reason: lane.reason,
    head: lane.headRunId,
    deadLetter: lane.deadLetterId,
    failures: lane.failures,
    retryAt: lane.retryAt,
    waiting: lane.depth,
    lastSequence: lane.lastSequence,
    missing: gapsOf(lane),
  });
  showTable(
    ['run', 'delivery', 'state', 'sequence', 'since'],
    lane.next.map((run) => [run.runId, run.deliveryId, run.state, run.sequence, run.queuedAt]),
  );
}

async function mend(path: string, self: Command): Promise<void> {
  const { reason, file, ...options } = optionsOf<RemedyOptions>(self);
  const client = await adminClient(options);
  const body = {
    ...(reason === undefined ? {} : { reason }),
    ...(file === undefined ? {} : { document: await readBody(file) }),
  };
  const answer = await client.post<LaneView>(path, { body });
  if (options.json === true) showJson(answer.body);
  else print(`the lane is ${answer.body.state}; ${String(answer.body.depth)} wait or run`);
}

/** The file's JSON. The message names the place of an error, not what stands there. */
async function readBody(file: string): Promise<JsonValue> {
  const text = await readFile(file, 'utf8');
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    throw new EcluseError('DOCUMENT_UNPARSABLE', { detail: `${file} is not JSON` });
  }
}
