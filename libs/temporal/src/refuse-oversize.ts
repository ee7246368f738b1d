import { EcluseError } from '@ecluse/errors';

/** Longer ids are accepted by SQLite and retried for 28 s by a server on PostgreSQL. */
const MAX_ID_BYTES = 255;
/** Temporal refuses payloads over 2 MB, and retries for 40 s over 4 MB. */
const MAX_ARGS_BYTES = 256 * 1024;

/** Throws RUN_NOT_STARTABLE for an id or arguments that Temporal would refuse, slowly. */
export function refuseOversize(workflowId: string, argument: object): void {
  const idBytes = Buffer.byteLength(workflowId);
  if (idBytes === 0 || idBytes > MAX_ID_BYTES) {
    throw new EcluseError('RUN_NOT_STARTABLE', {
      detail: `workflow id has ${idBytes} bytes, 1 to ${MAX_ID_BYTES} are possible`,
    });
  }
  const argsBytes = Buffer.byteLength(JSON.stringify(argument));
  if (argsBytes > MAX_ARGS_BYTES) {
    throw new EcluseError('RUN_NOT_STARTABLE', {
      detail: `arguments have ${argsBytes} bytes, at most ${MAX_ARGS_BYTES} are possible`,
    });
  }
}
