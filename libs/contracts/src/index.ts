export type { JsonValue, JsonObject } from './json.js';
export {
  FLOW_RUN_WORKFLOW,
  FLOWS_TASK_QUEUE,
  FLOWS_DEPLOYMENT,
  DEFAULT_NAMESPACE,
  SEARCH_ATTRIBUTES,
} from './names.js';
export { OUTCOME_CLASSES, type OutcomeClass } from './outcome-class.js';
export type {
  FlowDefinition,
  FlowStep,
  CallStep,
  MapStep,
  ChooseStep,
  RetryPolicy,
} from './flow-definition.js';
export type {
  RunRef,
  OpenedRun,
  StepOutputs,
  EvaluateInput,
  CallInput,
  PlatformInput,
  StepFailureDetails,
  RunFailure,
  RunResult,
  RunRecordActivities,
  ConnectorCallActivities,
  FlowRunActivities,
} from './flow-run.js';
export {
  DELIVERY_STATES,
  RUN_STATES,
  EFFECT_STATES,
  DEAD_LETTER_STATES,
  type DeliveryState,
  type RunState,
  type EffectState,
  type DeadLetterState,
} from './states.js';
export { ROLES, type Role } from './admin-api.js';
export type {
  Page,
  ApplyRequest,
  ApplyResult,
  SourceView,
  ConnectionView,
  FlowView,
  FlowVersionView,
  ReleaseView,
  DeliveryView,
  RunSummary,
  RunView,
  AttemptView,
  EffectView,
  DeadLetterView,
  AuditView,
  SecretRequest,
  ReplayRequest,
  UiSession,
  HealthView,
  PrincipalView,
} from './admin-api.js';
