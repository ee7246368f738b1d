import type {
  ConnectionView,
  FlowDefinition,
  FlowVersionView,
  FlowView,
  JsonObject,
  Page,
  ReleaseView,
  SourceView,
} from '@ecluse/contracts';
import type { Change, PageRequest, PutOptions, PutOutcome } from './admin.js';

/** A source as stored: the view without the door's address, which the admin API knows, plus its path token. */
export type SourceRecord = Omit<SourceView, 'url'> & { token: string };

/**
 * A change of one secret. `write` puts the value into Vault and runs inside the transaction of the audit row:
 * when it throws, nothing is recorded. It should end within 10 s.
 */
export interface SecretChange {
  kind: 'added' | 'removed';
  /** Names the value; the value itself never reaches the database. */
  secretId: string;
  write: () => Promise<void>;
}

/** All methods throw STORE_UNAVAILABLE; changes also DISK_FULL. Lists are ordered by name. */
export interface SourceStore {
  list(tenant: string, page: PageRequest): Promise<Page<SourceRecord>>;
  find(tenant: string, name: string): Promise<SourceRecord | undefined>;
  /** Creates or changes a source. A new one gets a random path token that later changes keep. Notifies the doors. */
  put(
    tenant: string,
    name: string,
    spec: JsonObject,
    options: PutOptions,
    change: Change,
  ): Promise<PutOutcome<SourceRecord>>;
  /** Records the secret's id on the source, and notifies the doors to read it again. Throws NOT_FOUND. */
  changeSecret(tenant: string, name: string, secret: SecretChange, change: Change): Promise<SourceRecord>;
}

/** As `SourceStore`. */
export interface ConnectionStore {
  list(tenant: string, page: PageRequest): Promise<Page<ConnectionView>>;
  find(tenant: string, name: string): Promise<ConnectionView | undefined>;
  put(
    tenant: string,
    name: string,
    spec: JsonObject,
    options: PutOptions,
    change: Change,
  ): Promise<PutOutcome<ConnectionView>>;
  /**
   * Holds the calls of the connection back until `resume`, whatever its circuit breaker says. NOT_FOUND for an unknown
   * connection; STATE_CONFLICT when it is paused already.
   */
  pause(tenant: string, name: string, reason: string, change: Change): Promise<ConnectionView>;
  /**
   * Lets calls pass again: ends a pause, and closes an open circuit before its time. Where the circuit was open, one
   * call goes first. NOT_FOUND; STATE_CONFLICT when nothing holds the connection.
   */
  resume(tenant: string, name: string, reason: string | null, change: Change): Promise<ConnectionView>;
  /** Only the audit log remembers which ids a connection has. Throws NOT_FOUND. */
  changeSecret(tenant: string, name: string, secret: SecretChange, change: Change): Promise<void>;
}

export interface FlowPublication {
  definition: FlowDefinition;
  /** SHA-256, hex, of the canonical definition: equal content is the same version. */
  sha256: string;
}
export interface PublishOutcome {
  /** `unchanged`: a version with this content exists already, not necessarily the latest. */
  change: 'created' | 'changed' | 'unchanged';
  /** Flow version that holds the content. */
  version: number;
  /** The flow's row; its `version` is the row version. */
  flow: FlowView;
}

export interface ReleaseOrder {
  version: number;
  reason: string | null;
}
export interface RollbackOrder {
  /** Default: the version that was released before the current one was. */
  version?: number;
  reason: string | null;
}

/** Flow versions are immutable; a release is a pointer. Throws STORE_UNAVAILABLE, DISK_FULL. */
export interface FlowStore {
  /** By name. `source` is that of the released version, or of the latest where none is released. */
  list(tenant: string, page: PageRequest): Promise<Page<FlowView>>;
  find(tenant: string, name: string): Promise<FlowView | undefined>;
  /** Idempotent: content that exists is answered with its version. Releases nothing. */
  publish(
    tenant: string,
    name: string,
    publication: FlowPublication,
    options: PutOptions,
    change: Change,
  ): Promise<PublishOutcome>;
  /** Newest first. Empty for an unknown flow. */
  versions(tenant: string, flow: string, page: PageRequest): Promise<Page<FlowVersionView>>;
  version(tenant: string, flow: string, version: number): Promise<FlowVersionView | undefined>;
  /**
   * Points new deliveries at a version: pointer, release row, audit row, and the source's waiting deliveries
   * are taken up, in one transaction. NOT_FOUND for an unknown flow or version; STATE_CONFLICT when it is
   * released already.
   */
  release(tenant: string, flow: string, order: ReleaseOrder, change: Change): Promise<ReleaseView>;
  /** As `release`, to a version that was released before; STATE_CONFLICT where there is none. */
  rollback(tenant: string, flow: string, order: RollbackOrder, change: Change): Promise<ReleaseView>;
  /** Newest first. */
  releases(tenant: string, flow: string, page: PageRequest): Promise<Page<ReleaseView>>;
}
