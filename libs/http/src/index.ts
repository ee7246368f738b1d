export { ProblemFilter, sendProblem, toEcluseError } from './problem.filter.js';
export {
  registerHealth,
  checkHealth,
  type HealthOptions,
  type HealthReport,
  type PartHealth,
} from './health.js';
