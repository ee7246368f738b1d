import type { ConnectorCallDeps } from '@ecluse/connector-call';
import type { BatchRef, JsonValue } from '@ecluse/contracts';
import type { BatchStore, RunStore, SealedBytes } from '@ecluse/storage';

/** Outputs of one step by run id. */
export type OutputsByRun = Record<string, JsonValue>;

/** Outputs that later steps of a batch read, kept encrypted. Throws VAULT_UNAVAILABLE (retry). */
export interface BatchOutputs {
  seal(batch: BatchRef, stepId: string, outputs: OutputsByRun): Promise<SealedBytes>;
  open(batch: BatchRef, stepId: string, sealed: SealedBytes): Promise<OutputsByRun>;
}
/** What a batch needs beyond a single call. */
export interface BatchRunDeps extends ConnectorCallDeps {
  batches: BatchStore;
  runs: Pick<RunStore, 'loadFlow' | 'close'>;
  batchOutputs: BatchOutputs;
}
