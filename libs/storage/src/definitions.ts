import type { FlowDefinition, JsonObject } from '@ecluse/contracts';

/** Paths into the body that an ordered flow of the source names. */
export interface SourceOrder {
  by: string;
  sequence: string | null;
}
export interface StoredSource {
  tenant: string;
  name: string;
  /** Path token of the door URL: 128 bits or more, base64url. It names the source; it does not authenticate. */
  token: string;
  /** Validated `spec` of the `kind: Source` document. */
  spec: JsonObject;
  rowVersion: number;
  /** Of the source's flows as released and as last published. Empty where none is ordered. */
  orders: SourceOrder[];
}
export interface StoredConnection {
  tenant: string;
  name: string;
  /** Validated `spec` of the `kind: Connection` document. */
  spec: JsonObject;
  rowVersion: number;
}
export interface StoredFlowVersion {
  tenant: string;
  flow: string;
  version: number;
  sha256: string;
  definition: FlowDefinition;
  createdAt: Date;
  createdBy: string;
}

/** The door's read. */
export interface SourceReader {
  /** Undefined for an unknown token. Throws STORE_UNAVAILABLE. */
  findByToken(token: string): Promise<StoredSource | undefined>;
  /** Calls back when any source changed; resolves to a stop function. */
  onChange(changed: () => void): Promise<() => Promise<void>>;
}
/** The worker's read. */
export interface ConnectionReader {
  find(tenant: string, name: string): Promise<StoredConnection | undefined>;
}
