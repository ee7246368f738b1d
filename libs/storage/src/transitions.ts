import type { DeadLetterState, DeliveryState, EffectState, RunState } from '@ecluse/contracts';
import { EcluseError } from '@ecluse/errors';

/** Legal moves from each state. A state without moves is final. Staying is never a move. */
export type Transitions<S extends string> = Readonly<Record<S, readonly S[]>>;

/** A person's replay or retry brings a delivery back to `running` from every end. */
export const DELIVERY_TRANSITIONS: Transitions<DeliveryState> = {
  received: ['waiting', 'running'],
  waiting: ['received', 'running'],
  running: ['succeeded', 'dead_letter', 'discarded'],
  succeeded: ['running'],
  dead_letter: ['running', 'discarded'],
  discarded: ['running'],
};

/**
 * A worker may open a run before the dispatcher has noted its start, hence `queued` to `running`. Back to `queued` goes
 * a run that leaves its batch, that a parked lane gives back, or that the engine no longer knows.
 */
export const RUN_TRANSITIONS: Transitions<RunState> = {
  queued: ['started', 'running', 'dead_letter'],
  started: ['queued', 'running', 'dead_letter'],
  running: ['queued', 'succeeded', 'dead_letter'],
  succeeded: [],
  dead_letter: [],
};

export const DEAD_LETTER_TRANSITIONS: Transitions<DeadLetterState> = {
  open: ['retried', 'discarded'],
  retried: [],
  discarded: [],
};

/** `refused` wrote nothing at the remote, so the same key may be tried again; `unknown` stays in doubt until known. */
export const EFFECT_TRANSITIONS: Transitions<EffectState> = {
  intended: ['confirmed', 'refused', 'unknown'],
  refused: ['intended'],
  unknown: ['confirmed', 'refused'],
  confirmed: [],
};

/** The state moved to. Throws STATE_CONFLICT for an illegal move; `what` names the thing in the message. */
export function transition<S extends string>(table: Transitions<S>, what: string, from: S, to: S): S {
  if (table[from].includes(to)) return to;
  const possible = table[from].length === 0 ? 'it is final' : `possible: ${table[from].join(', ')}`;
  throw new EcluseError('STATE_CONFLICT', {
    detail: `${what} is ${from} and cannot become ${to}; ${possible}`,
  });
}

/** States from which `to` is legal: what a fenced UPDATE compares with. */
export function statesBefore<S extends string>(table: Transitions<S>, to: S): S[] {
  return (Object.keys(table) as S[]).filter((from) => table[from].includes(to));
}

/** True when no move leads on. */
export function isFinal<S extends string>(table: Transitions<S>, state: S): boolean {
  return table[state].length === 0;
}
