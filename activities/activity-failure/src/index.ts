export { toApplicationFailure, isPlatformAway, type FailureContext } from './to-application-failure.js';
