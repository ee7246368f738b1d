/** Something about a scheme that is wrong (`error`: the scheme is refused) or doubtful (`warning`). */
export interface Finding {
  severity: 'error' | 'warning';
  /** RFC 6901 pointer below the value that was checked. */
  pointer: string;
  message: string;
  expected?: string;
  remedy?: string;
}
