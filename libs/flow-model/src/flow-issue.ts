/** One fault of a flow definition, by RFC 6901 pointer relative to the definition. Never holds a payload value. */
export interface FlowIssue {
  pointer: string;
  message: string;
  expected: string;
  remedy: string;
  /** `limit`: a bound or rule of the language; `reference`: a name that does not exist where it is used. */
  kind: 'limit' | 'reference';
}
