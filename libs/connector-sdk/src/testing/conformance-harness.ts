import type { JsonObject } from '@ecluse/contracts';
import type { CallContext, Connector } from '../index.js';

/** What a connector has to bring along to be tested against its real counterpart. */
export interface ConformanceHarness {
  connector: Connector;
  spec: JsonObject;
  /** A repeatable write. `marker` is text that must never be told back. With `bulk` where the connector has any. */
  write: { operation: string; input: (id: string, marker: string) => JsonObject };
  /** Input of `write` that the remote or the schema refuses. */
  refusedInput: (marker: string) => JsonObject;
  /** A spec whose operation no longer fits the remote. */
  drifted: { spec: JsonObject; operation: string; input: JsonObject };
  /** A working credential, and one that the remote does not know. */
  credential: CallContext['credential'];
  unknownCredential: CallContext['credential'];
  /** Records at the remote for an id of `write`. */
  count: (id: string) => Promise<number>;
  /** All records at the remote. */
  countAll: () => Promise<number>;
}
