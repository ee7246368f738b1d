import { countingPairs, FLOOR_GROUPS, PRODUCT_GROUPS, type Pairs, type RunFigures } from '../figures.js';
import { cpuOf } from '../cpu/accounting.js';
import type { TargetId } from '../options.js';
import { median, spread, type Spread } from '../statistics.js';
import type { Measurements } from './run-record.js';

/** One line of the table of targets. */
export interface Verdict {
  readonly id: TargetId;
  readonly figure: string;
  readonly target: string;
  readonly result: string;
  /** Undefined: not measured, or not in this mode. */
  readonly met?: boolean;
}

/** Compares every figure with its target. What was not measured has no result. */
export function judge(measurements: Measurements): Verdict[] {
  return RULES.map(({ id, figure, target, judged }) => {
    const { result, met } = judged(measurements) ?? { result: 'not measured' };
    return { id, figure, target, result, ...(met === undefined ? {} : { met }) };
  });
}

type Judged = { result: string; met?: boolean } | undefined;
interface Rule {
  id: TargetId;
  figure: string;
  target: string;
  judged: (measurements: Measurements) => Judged;
}

const RULES: readonly Rule[] = [
  {
    id: 'T1',
    figure: 'one effect, each delivery its own run ÷ bare worker, same call',
    target: '≥ 1.0',
    judged: ({ ownRunOne }) => ratioOf(ownRunOne, 1),
  },
  {
    id: 'T2',
    figure: 'two effects ÷ bare worker with two normal activities',
    target: '≥ 1.2',
    judged: ({ ownRunTwo }) => ratioOf(ownRunTwo, 1.2),
  },
  {
    id: 'T3',
    figure: 'deliveries/s in adaptive batches, backlog present',
    target: "≥ 300 and ≥ 8 × T1's",
    judged: batchRate,
  },
  {
    id: 'T4',
    figure: 'CPU per delivery: own run ÷ bare worker',
    target: '≤ 1.4',
    judged: ({ ownRunOne }) => cpuRatio(ownRunOne),
  },
  { id: 'T4', figure: 'CPU per delivery in batches', target: '≤ 3 ms', judged: batchCpu },
  {
    id: 'T5',
    figure: 'durable accepts ÷ bare one-insert server',
    target: '≥ 2',
    judged: ({ accepts }) => ratioOf(accepts, 2),
  },
  {
    id: 'T6',
    figure: 'rejects ÷ bare Fastify HMAC server',
    target: '≥ 0.6',
    judged: ({ rejects }) => ratioOf(rejects, 0.6),
  },
  {
    id: 'T7',
    figure: 'dispatcher starts ÷ bare start loop',
    target: '≥ 0.9',
    judged: ({ starts }) => ratioOf(starts, 0.9),
  },
  {
    id: 'T8',
    figure: 'Vault calls for 1,000 warm deliveries',
    target: '≤ refresh arithmetic',
    judged: ({ vault }) =>
      vault && {
        result: `${vault.requests} for ${vault.deliveries}, arithmetic allows ${vault.allowed}`,
        met: vault.requests <= vault.allowed,
      },
  },
  {
    id: 'T9',
    figure: 'door p99 at half load, open loop',
    target: '< 100 ms',
    judged: ({ openLoop }) =>
      openLoop && {
        result: `${openLoop.latency.p99.toFixed(1)} ms at ${openLoop.rate.toFixed(0)}/s`,
        met: openLoop.latency.p99 < 100,
      },
  },
  {
    id: 'T9',
    figure: 'door p99 during any single fault',
    target: '< 1 s',
    judged: ({ faults }) =>
      faults?.doorP99Ms === undefined
        ? { result: 'see npm run faults' }
        : { result: `${faults.doorP99Ms.toFixed(0)} ms`, met: faults.doorP99Ms < 1_000 },
  },
  { id: 'T10', figure: 'memory per waiting run in the worker', target: '≤ 20 KB', judged: workerMemory },
  { id: 'T10', figure: 'inbox per delivery, without its body', target: '≤ 2 KB', judged: inboxSize },
  {
    id: 'T11',
    figure: 'throughput after 100,000 closed runs ÷ fresh',
    target: '≥ 0.9',
    judged: ({ ageing }) => ratioOf(ageing?.pairs, 0.9),
  },
  {
    id: 'T11',
    figure: 'throughput at 1,000 flows ÷ at 10',
    target: '≥ 0.9',
    judged: ({ manyFlows }) => ratioOf(manyFlows, 0.9),
  },
  {
    id: 'T12',
    figure: 'lost or doubled, of deliveries in flight at kills',
    target: '0 of ≥ 5,000',
    judged: ({ faults }) =>
      faults === undefined
        ? { result: 'see npm run faults' }
        : {
            result: `${faults.lost} lost, ${faults.doubled} doubled of ${faults.inFlight}`,
            met: faults.lost + faults.doubled === 0 && faults.inFlight >= 5_000,
          },
  },
];

/** A over B in each pair. */
export function ratios(pairs: Pairs): Spread {
  return spread(countingPairs(pairs).map(({ a, b }) => a.perSecond / b.perSecond));
}

/** CPU milliseconds per delivery of the given groups. */
export function cpuPerDelivery({ cpuMs, count }: RunFigures, groups: readonly string[]): number {
  return cpuOf(cpuMs, groups) / count;
}

/** `1.02 (0.98–1.10)` */
export function formatSpread({ median: middle, min, max }: Spread, digits: number): string {
  return `${middle.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
}

function ratioOf(pairs: Pairs | undefined, target: number): Judged {
  if (pairs === undefined) return undefined;
  const ratio = ratios(pairs);
  return { result: formatSpread(ratio, 2), met: ratio.median >= target };
}

function batchRate({ batches, ownRunOne }: Measurements): Judged {
  if (batches === undefined) return undefined;
  const rate = spread(batches.map(({ perSecond }) => perSecond));
  if (ownRunOne === undefined) return { result: `${formatSpread(rate, 0)}/s; T1 not measured` };
  const times = rate.median / median(countingPairs(ownRunOne).map(({ a }) => a.perSecond));
  return {
    result: `${formatSpread(rate, 0)}/s, ${times.toFixed(1)} × T1's`,
    met: rate.median >= 300 && times >= 8,
  };
}

function cpuRatio(pairs: Pairs | undefined): Judged {
  if (pairs === undefined) return undefined;
  const counting = countingPairs(pairs);
  const ours = counting.map(({ a }) => cpuPerDelivery(a, PRODUCT_GROUPS));
  const bare = counting.map(({ b }) => cpuPerDelivery(b, FLOOR_GROUPS));
  const ratio = spread(ours.map((value, index) => value / (bare[index] ?? Number.NaN)));
  const absolute = `${median(ours).toFixed(1)} ms to ${median(bare).toFixed(1)} ms`;
  return { result: `${formatSpread(ratio, 2)}: ${absolute}`, met: ratio.median <= 1.4 };
}

function batchCpu({ batches }: Measurements): Judged {
  if (batches === undefined) return undefined;
  const cpu = spread(batches.map((run) => cpuPerDelivery(run, PRODUCT_GROUPS)));
  return { result: `${formatSpread(cpu, 1)} ms`, met: cpu.median <= 3 };
}

function workerMemory({ memory }: Measurements): Judged {
  if (memory === undefined) return undefined;
  const { runs, pssBefore, pssAfter, evicted } = memory.worker;
  const kilobytes = (pssAfter - pssBefore) / runs / 1_024;
  if (!evicted) return { result: `${kilobytes.toFixed(0)} KB in the cache; evicted ones in the full run` };
  return { result: `${kilobytes.toFixed(1)} KB`, met: kilobytes <= 20 };
}

function inboxSize({ memory }: Measurements): Judged {
  if (memory === undefined) return undefined;
  const { rows, totalBytes, bodyBytes } = memory.inbox;
  const kilobytes = (totalBytes - bodyBytes) / rows / 1_024;
  return { result: `${kilobytes.toFixed(2)} KB`, met: kilobytes <= 2 };
}
