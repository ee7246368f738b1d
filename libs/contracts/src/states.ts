/**
 * States of a delivery. `received`: waits for the dispatcher; `waiting`: no released flow takes its source;
 * `running`: at least one run is queued or running; the others are final until a person acts.
 */
export const DELIVERY_STATES = [
  'received',
  'waiting',
  'running',
  'succeeded',
  'dead_letter',
  'discarded',
] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** States of a run. `queued`: planned, not yet started in Temporal; `started`: Temporal has it; `running`: a worker opened it. */
export const RUN_STATES = ['queued', 'started', 'running', 'succeeded', 'dead_letter'] as const;
export type RunState = (typeof RUN_STATES)[number];

/** States of an effect in the ledger. `intended` is written before the remote call, the others after it. */
export const EFFECT_STATES = ['intended', 'confirmed', 'refused', 'unknown'] as const;
export type EffectState = (typeof EFFECT_STATES)[number];

/** States of a dead letter. */
export const DEAD_LETTER_STATES = ['open', 'retried', 'discarded'] as const;
export type DeadLetterState = (typeof DEAD_LETTER_STATES)[number];

/**
 * States of a lane, which is the queue of one order key. `open`: runs go through it; `blocked`: its head failed and is
 * tried again at `retryAt`; `parked`: its head failed and a person has to resume, skip or edit it.
 */
export const LANE_STATES = ['open', 'blocked', 'parked'] as const;
export type LaneState = (typeof LANE_STATES)[number];

/** States of a batch. Only the dispatcher forms and starts, only a worker opens and closes. */
export const BATCH_STATES = ['formed', 'started', 'running', 'closed'] as const;
export type BatchState = (typeof BATCH_STATES)[number];

/**
 * States of a connection. `closed`: calls pass; `open`: the circuit breaker holds calls back until a probe succeeds;
 * `paused`: a person holds them back.
 */
export const CIRCUIT_STATES = ['closed', 'open', 'paused'] as const;
export type CircuitState = (typeof CIRCUIT_STATES)[number];
