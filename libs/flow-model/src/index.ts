export { canonicalJson } from './canonical-json.js';
export { flowHashInput } from './flow-hash-input.js';
export {
  workflowIdOf,
  originOf,
  idempotencyKeyOf,
  MAX_WORKFLOW_ID_LENGTH,
  type RunIdentity,
} from './run-ids.js';
export { parseDuration, formatDuration, MAX_DURATION_MS, type DurationResult } from './duration.js';
export {
  resolveRetryPolicy,
  pauseBefore,
  checkRetryPolicy,
  DEFAULT_RETRY_POLICY,
  RETRY_LIMITS,
  type ResolvedRetryPolicy,
} from './retry-policy.js';
export type { FlowIssue } from './flow-issue.js';
export { NAME_PATTERN, STEP_ID_PATTERN, OPERATION_PATTERN, isName, isStepId } from './names.js';
export {
  isCallStep,
  isMapStep,
  isChooseStep,
  placeSteps,
  placeExpressions,
  readsOutputs,
  type PlacedStep,
  type PlacedExpression,
} from './flow-steps.js';
export { checkSteps, FLOW_LIMITS } from './check-steps.js';
export { checkSharing, MAX_BATCH_WAIT_MS } from './check-sharing.js';
export { conditionResult, nextBranch, type ConditionResult, type NextBranch } from './choose.js';
export { OUTCOME_POLICIES, outcomePolicy, type OutcomeAction, type OutcomePolicy } from './outcome-policy.js';
export { decideLane, comparePositions, type LaneDecision, type LaneFacts } from './lanes/lane-admission.js';
export {
  recordSequence,
  MAX_LANE_GAPS,
  type SequenceGap,
  type SequenceRecord,
} from './lanes/lane-sequence.js';
export { laneAfterFailure, type LaneAfterFailure } from './lanes/lane-failure.js';
