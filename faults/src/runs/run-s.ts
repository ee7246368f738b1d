import { setTimeout as pause } from 'node:timers/promises';
import type { MessageKind } from '../documents.js';
import { between } from '../seeded-random.js';
import type { Sender } from '../sender/sender.js';
import { senderOf, type CaseContext } from './case-context.js';
import {
  collect,
  doorBack,
  drained,
  firstProgress,
  resultOf,
  type FaultResult,
  type Recovery,
  type ResultOptions,
} from './fault-result.js';
import { planRun, type PlannedSend } from './plan-run.js';
import type { RunEvidence } from './run-record.js';

/** Moments from which recovery is measured, wall-clock milliseconds, and the times allowed. */
export interface Healing {
  /** Until the first effect of a delivery that was in flight. */
  readonly progress?: { readonly since: number; readonly limitMs: number };
  /** Until the door's first 202. */
  readonly door?: { readonly since: number; readonly limitMs: number };
  /** Violations that the fault's own code found. */
  readonly violations?: readonly string[];
}

/** Breaks something, waits, heals it. Resolves when the cause of the fault is gone. */
export type Fault = () => Promise<Healing>;

export interface RunOptions extends Omit<ResultOptions, 'recovery'> {
  readonly fault: Fault;
  /** Share of each kind. Default: pairs, 4 % without key, 16 % ordered where the build can. */
  readonly mix?: Readonly<Partial<Record<MessageKind, number>>>;
  readonly outOfOrder?: number;
  /** See `PlanOptions`. */
  readonly keys?: number;
  readonly perSecond?: number;
  readonly seconds?: number;
  /** Most from the end of the fault, or of the sending, until everything is final. Default 120. */
  readonly drainSeconds?: number;
  readonly doors?: 'one' | 'both';
}

/** Run S takes 60 s at 25 deliveries per second; its quick form 8 s. */
export const S_SECONDS = { quick: 8, full: 60 } as const;
const PER_SECOND = 25;
const DRAIN_SECONDS = 120;
/** Beyond the time allowed for draining, so that a slow drain is told from a lost delivery. Seconds. */
const PATIENCE_SECONDS = 90;
/** Twice what a sound build needs after a quick run on a busy machine. */
const HURRIED_SECONDS = 60;

/** Run S: an open loop with a fault at a random moment, then both sides' records are compared. */
export async function runS(context: CaseContext, options: RunOptions): Promise<FaultResult> {
  const seconds = options.seconds ?? (context.quick ? S_SECONDS.quick : S_SECONDS.full);
  const plan = planRun({
    random: context.random,
    ...(options.keys === undefined ? {} : { keys: options.keys }),
    prefix: context.prefix,
    canary: context.canary,
    seconds,
    perSecond: options.perSecond ?? PER_SECOND,
    mix: options.mix ?? defaultMix(context),
    ...(options.outOfOrder === undefined ? {} : { outOfOrder: options.outOfOrder }),
  });
  const faultAtMs = between(context.random, seconds * 200, seconds * 600);
  return runPlan(context, plan, options, () => pause(faultAtMs));
}

/** Run B: everything at once, and the fault while all of it is in flight. */
export async function runB(context: CaseContext, options: RunOptions): Promise<FaultResult> {
  const count = context.quick ? 100 : 250;
  const { random, prefix, canary } = context;
  const mix = options.mix ?? { pair: 0.98, keyless: 0.02 };
  const plan = planRun({ random, prefix, canary, seconds: 1, perSecond: count, mix, duplicates: 0 });
  const atOnce = plan.map((send) => ({ ...send, atMs: 0 }));
  const moment = between(random, 50, 700);
  return runPlan(context, atOnce, options, async (sending) => {
    await sending;
    await pause(moment);
  });
}

async function runPlan(
  context: CaseContext,
  plan: readonly PlannedSend[],
  options: RunOptions,
  faultMoment: (sending: Promise<unknown>) => Promise<unknown>,
): Promise<FaultResult> {
  const sender = senderOf(context, options.doors);
  const sending = sendAll(sender, plan);
  await faultMoment(sending);
  const from = Date.now();
  const healing = await options.fault();
  const to = Date.now();
  await Promise.race([sending, pause(PATIENCE_SECONDS * 1_000, undefined, { ref: false })]);
  sender.stop();
  await sending;
  const drainFrom = Math.max(to, Date.now());
  const limit = options.drainSeconds ?? DRAIN_SECONDS;
  const all = await drained(context, context.hurried ? HURRIED_SECONDS : limit + PATIENCE_SECONDS);
  const drainMs = all ? Date.now() - drainFrom : Infinity;
  const messages = plan.map(({ message }) => message);
  const evidence = await collect(context, messages, sender.attempts);
  const recovery = { ...recoveryOf(evidence, healing), drained: { ms: drainMs, limitMs: limit * 1_000 } };
  const violations = [...(options.violations ?? []), ...(healing.violations ?? [])];
  return resultOf(context, evidence, { from, to }, { ...options, recovery, violations });
}

function recoveryOf(evidence: RunEvidence, { progress, door }: Healing): Record<string, Recovery> {
  const times: Record<string, Recovery> = {};
  if (progress !== undefined) {
    times['progress'] = { ms: firstProgress(evidence, progress.since), limitMs: progress.limitMs };
  }
  const back = door === undefined ? undefined : doorBack(evidence, door.since);
  if (door !== undefined && back !== undefined) times['door'] = { ms: back, limitMs: door.limitMs };
  return times;
}

async function sendAll(sender: Sender, plan: readonly PlannedSend[]): Promise<void> {
  const begun = performance.now();
  await Promise.all(
    plan.map(async ({ atMs, message }) => {
      await pause(Math.max(0, atMs - (performance.now() - begun)));
      await sender.deliver(message);
    }),
  );
}

function defaultMix({ product }: CaseContext): RunOptions['mix'] & object {
  return product.ordered ? { pair: 0.8, ordered: 0.16, keyless: 0.04 } : { pair: 0.96, keyless: 0.04 };
}
