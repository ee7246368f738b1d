import { EcluseError } from '@ecluse/errors';
import type { Circuit } from './circuit.js';

/** How often runs look whether a pause was ended: from this, up to three times as long. Milliseconds. */
const PAUSED_MS = 5_000;
/** Those who wait for the same circuit come back spread over this time. Milliseconds. */
const SPREAD_MS = 2_000;

/**
 * Why a call may not be made now, and when to ask again. Its detail is shown to operators as what a run waits for.
 * @param forMs Until the next look makes sense; null when nobody knows.
 */
export function heldError(
  connection: string,
  circuit: Circuit,
  forMs: number | null,
  random: number,
): EcluseError {
  const waitMs = forMs === null ? PAUSED_MS * (1 + 2 * random) : forMs + SPREAD_MS * random;
  return new EcluseError('CONNECTION_HELD', {
    detail: whyHeld(connection, circuit),
    retryAfterSeconds: waitMs / 1_000,
  });
}

function whyHeld(connection: string, circuit: Circuit): string {
  switch (circuit.state) {
    case 'paused':
      return `connection ${connection} is paused${because(circuit.reason)}`;
    case 'open':
      return `connection ${connection} does not work at present${because(circuit.reason)}`;
    case 'closed':
      return `connection ${connection} is being tried with one call`;
  }
}

function because(reason: string | null): string {
  return reason === null ? '' : `: ${reason.replace(/\.$/, '')}`;
}
