/** What other workflows use of the interpreter. Not in the index: every name there is a workflow type. */
export { executeRun, type TriggeredRun } from '../step-executor.js';
export { detailsOf, toRunFailure } from '../run-failure.js';
export { RECORD_APART_OPTIONS, RECORD_OPTIONS } from '../retry-policies.js';
export { pauseAfterWait } from '../call-step.js';
