export {
  FAILPOINTS,
  NO_FAILPOINTS,
  armFailpoints,
  type Failpoint,
  type Failpoints,
  type FailpointSettings,
} from './failpoints.js';
