import type { MessageKind } from '../documents.js';
import { message, type Message } from '../sender/message.js';
import { between, pick, type Random } from '../seeded-random.js';

/** A message and when it is sent, milliseconds after the start; a copy is the same message again. */
export interface PlannedSend {
  readonly atMs: number;
  readonly message: Message;
}

export interface PlanOptions {
  readonly random: Random;
  /** Begins the id of every message of the run. */
  readonly prefix: string;
  readonly canary: string;
  readonly seconds: number;
  readonly perSecond: number;
  /** Share of each kind, adding up to 1. */
  readonly mix: Readonly<Partial<Record<MessageKind, number>>>;
  /** Share of messages that change places with the next of their key. Default 0.05. */
  readonly outOfOrder?: number;
  /** Share of messages that are sent twice, half of them at the same instant. Default 0.1. */
  readonly duplicates?: number;
  /** Default 200. */
  readonly keys?: number;
}

const KEYS = 200;
const SMALL_BYTES = 1_024;
const LARGE_BYTES = 102_400;
const LARGE_SHARE = 0.05;

/**
 * Run S: an open loop of messages, spread over 200 keys with sequence numbers. The same random source gives the same
 * plan.
 */
export function planRun(options: PlanOptions): PlannedSend[] {
  const { random, duplicates = 0.1, seconds, perSecond } = options;
  const messages = planMessages(options);
  const sends = messages.map((each, index) => ({ atMs: (index * 1_000) / perSecond, message: each }));
  const copies = sends.flatMap((send, index) => {
    if (random() >= duplicates) return [];
    const later = index % 2 === 0 ? 0 : between(random, 200, 3_000);
    return [{ ...send, atMs: Math.min(send.atMs + later, seconds * 1_000) }];
  });
  return [...sends, ...copies].sort((a, b) => a.atMs - b.atMs);
}

function planMessages(options: PlanOptions): Message[] {
  const { random, prefix, canary, seconds, perSecond, outOfOrder = 0.05, keys = KEYS } = options;
  const sequences = new Map<string, number>();
  const messages = Array.from({ length: Math.round(seconds * perSecond) }, (_, index) => {
    const kind = pickKind(options);
    const key = `${prefix}-key-${String(between(random, 1, keys))}`;
    const seq = (sequences.get(key) ?? 0) + 1;
    sequences.set(key, seq);
    const bytes = random() < LARGE_SHARE ? LARGE_BYTES : SMALL_BYTES;
    const more = kind === 'poison' ? { poison: pick(random, POISONS), bomb: `${'a'.repeat(40)}!` } : {};
    return message({ kind, id: `${prefix}-${String(index)}`, key, seq, bytes, canary, more });
  });
  for (let index = 0; index < messages.length; index += 1) {
    if (random() < outOfOrder) swapWithNextOfKey(messages, index);
  }
  return messages;
}

/** What poisons a mapping; see the flow `fault-poison`. */
export const POISONS = ['loop', 'crash', 'regex'] as const;

function pickKind({ random, mix }: PlanOptions): MessageKind {
  let left = random();
  for (const [kind, share] of Object.entries(mix) as [MessageKind, number][]) {
    left -= share;
    if (left < 0) return kind;
  }
  return 'pair';
}

function swapWithNextOfKey(messages: Message[], index: number): void {
  const here = messages[index];
  const next = messages.findIndex((each, at) => at > index && each.key === here?.key);
  const there = messages[next];
  if (here === undefined || there === undefined) return;
  messages[index] = there;
  messages[next] = here;
}
