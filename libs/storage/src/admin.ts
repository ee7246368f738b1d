/**
 * Who makes a change. Every mutating method of the admin stores takes one and writes its audit row in the
 * same transaction: there is no change without a row, and no row without a change.
 */
export interface Change {
  /** Name of the principal, as shown in the audit log. Comes from the authenticated key, never from a body. */
  actor: string;
  /** Id of the request, as in the log; null outside a request. */
  requestId: string | null;
}

export interface PageRequest {
  /** Rows wanted, 1 to 200. */
  limit: number;
  /** `nextCursor` of the page before. REQUEST_INVALID when it is not one of this list's cursors. */
  cursor?: string;
}

/** Optimistic locking of PUT. */
export interface PutOptions {
  /**
   * Row version last read (If-Match); null means that nothing of this name is expected to exist.
   * PRECONDITION_MISSING for null where a row exists, PRECONDITION_FAILED for any other difference.
   */
  expectedVersion: number | null;
  /** Answer what would change, write nothing. Default false. */
  dryRun?: boolean;
}

/** What a PUT did. `unchanged` writes neither the row nor an audit entry. */
export interface PutOutcome<T> {
  change: 'created' | 'changed' | 'unchanged';
  /** The row as it stands now; with `dryRun`, as it would stand. */
  record: T;
}
