/** Injection tokens of the worker's parts. */
export const LOG = Symbol('log');
export const PARTS = Symbol('worker parts');
export const TEMPORAL_WORKER = Symbol('temporal worker');
