export { ERRORS, type ErrorEntry, type ErrorName, type ErrorStage, type RetryClass } from './error-table.js';
export { EcluseError, isEcluseError, type EcluseErrorOptions, type ErrorDetail } from './ecluse-error.js';
export { toProblem, type Problem } from './problem.js';
