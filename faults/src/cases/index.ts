import { F12 } from './clock.js';
import { F15 } from './duplicates.js';
import type { FaultCase } from './fault-case.js';
import { F11 } from './full-disk.js';
import { F1, F2 } from './kills.js';
import { F16, F17, F18 } from './messages.js';
import { F10, F14 } from './network.js';
import { F21 } from './overload.js';
import { F13 } from './remote-failures.js';
import { N2 } from './two-of-each.js';
import { F7, F8 } from './vault.js';
import { R } from './wiped-engine.js';
import { F3, F4, F5, F6 } from './servers.js';

/** Every case, in the order of the matrix. */
export const CASES: readonly FaultCase[] = [
  ...[F1, F2, F3, F4, F5, F6, F7, F8, F10, F11, F12, F13, F14, F15, F16, F17, F18, F21, R, N2],
];
