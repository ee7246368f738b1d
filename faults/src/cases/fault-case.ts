import type { Form } from '../arguments.js';
import type { CaseContext } from '../runs/case-context.js';
import type { FaultResult } from '../runs/fault-result.js';

/** One way of running a case. */
export interface Variant {
  /** `S`, `B`, or what is broken: `door.before-commit`. */
  readonly name: string;
  /** How often it runs, by form; 0: not at all. */
  readonly runs: Readonly<Record<Form, number>>;
  /** Processes are killed while deliveries are in flight: what was in flight counts for the loss per kill (T12). */
  readonly kills?: true;
  run(context: CaseContext): Promise<FaultResult>;
}

/** A fault of the matrix. */
export interface FaultCase {
  readonly id: string;
  readonly fault: string;
  readonly means: string;
  readonly variants: readonly Variant[];
  /** What of the fault belongs to something that is not built yet, or cannot be made here. */
  readonly notCovered?: string;
}
