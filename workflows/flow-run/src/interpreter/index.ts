/** What other workflows use of the interpreter. Not in the index: every name there is a workflow type. */
export { executeSteps } from '../step-executor.js';
export { toRunFailure } from '../run-failure.js';
export { RECORD_OPTIONS } from '../retry-policies.js';
