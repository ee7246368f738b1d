import { INGRESS_SABOTAGES } from './break-ingress.js';
import { WORKER_SABOTAGES } from './break-worker.js';
import type { Sabotage } from './sabotage.js';

/** One broken promise each. Nothing is compiled: built files of a copy are edited as text. */
export const SABOTAGES: readonly Sabotage[] = [...INGRESS_SABOTAGES, ...WORKER_SABOTAGES];
