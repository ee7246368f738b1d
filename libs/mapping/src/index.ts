export { analyse, MAX_EXPRESSION_LENGTH, BINDINGS, type Analysis, type References } from './analyse.js';
export type { StepReference } from './step-references.js';
export type { ExpressionFault } from './fault.js';
export type { Cost } from './cost.js';
export { createMappingEvaluator, type MappingEvaluator, type MappingEvaluatorOptions } from './evaluator.js';
export { DEFAULT_LIMITS, DEFAULT_POOL, type MappingLimits, type SandboxPoolOptions } from './limits.js';
export type { MappingBindings } from './bindings.js';
