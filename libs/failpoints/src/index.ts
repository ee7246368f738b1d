export { FAILPOINTS, NO_FAILPOINTS, armFailpoints, type Failpoint, type Failpoints } from './failpoints.js';
