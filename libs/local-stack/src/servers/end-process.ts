import { errorCode } from '../system-error.js';
import { isSameProcess } from './process-identity.js';
import { waitUntil } from './wait-until.js';

/** Which process to end, and how patiently. */
export interface EndProcessOptions {
  readonly pid: number;
  /** From `processIdentity`; a process with another identity is never touched. */
  readonly identity: string;
  /** The signal that asks for an orderly end. Default SIGTERM. */
  readonly signal?: NodeJS.Signals;
  /** How long the orderly end may take before SIGKILL. Default 10 000 ms. */
  readonly graceMs?: number;
}

/**
 * Ends a process that was started as the leader of its own group, then whatever is left in that group
 * (Vault's plugin outlives its parent). Works on children and on leftovers of an earlier supervisor alike.
 * Resolves when the leader is gone.
 */
export async function endProcess(options: EndProcessOptions): Promise<void> {
  const { pid, identity, signal = 'SIGTERM', graceMs = 10_000 } = options;
  if (!(await isSameProcess(pid, identity))) return;
  sendSignal(pid, signal);
  const gone = async (): Promise<boolean> => !(await isSameProcess(pid, identity));
  if (!(await waitUntil(gone, graceMs))) {
    sendSignal(-pid, 'SIGKILL');
    await waitUntil(gone, 5_000);
  }
  // The kernel does not give a pid away while a group of that number has members: this reaches ours or nobody.
  sendSignal(-pid, 'SIGKILL');
}

function sendSignal(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch (error) {
    // ESRCH: already gone. EPERM: macOS answers so for a group of zombies only.
    const code = errorCode(error);
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}
