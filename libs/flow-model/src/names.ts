/** Tenants, sources, connections and flows: a lower-case letter, then `[a-z0-9-]`, 63 characters at most, no `-` at the end. */
export const NAME_PATTERN = /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** Step ids: `[a-z][a-z0-9-]*`, 40 characters at most. */
export const STEP_ID_PATTERN = /^[a-z][a-z0-9-]{0,39}$/;
/** Operation names: dotted camel case, for example `salesOrder.upsert`; 80 characters at most. */
export const OPERATION_PATTERN = /^(?=.{1,80}$)[a-z][A-Za-z0-9]*(?:\.[a-z][A-Za-z0-9]*)*$/;

export function isName(text: string): boolean {
  return NAME_PATTERN.test(text);
}
export function isStepId(text: string): boolean {
  return STEP_ID_PATTERN.test(text);
}
