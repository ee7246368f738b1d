import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../checkout.js';

/** What the fault suite found, as far as the targets need it. */
export interface FaultTotals {
  /** Deliveries in flight when something was killed. */
  readonly inFlight: number;
  readonly lost: number;
  readonly doubled: number;
  /** Largest p99 of the door during a single fault. Milliseconds. */
  readonly doorP99Ms?: number;
}

/** Result of `npm run faults`; undefined when it was never run here. */
export function readFaultTotals(): FaultTotals | undefined {
  try {
    const text = readFileSync(join(checkout, 'docs', 'fault-matrix.json'), 'utf8');
    return (JSON.parse(text) as { totals?: FaultTotals }).totals;
  } catch {
    return undefined;
  }
}
