import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { toEngineError } from './engine-error.js';

export interface TemporalClientOptions {
  /** `host:port` */
  address: string;
  namespace: string;
  dataConverter: DataConverter;
  /** Shown in histories, in plaintext. Default `ecluse`. */
  identity?: string;
}
/** One connection and client of a process. */
export interface TemporalClient {
  client: Client;
  connection: Connection;
  namespace: string;
  identity: string;
  close(): Promise<void>;
}

/** Makes no request: the connection is opened by the first call. Give every call a deadline: `withDeadline`. */
export function createTemporalClient(options: TemporalClientOptions): TemporalClient {
  const { address, namespace, dataConverter, identity = 'ecluse' } = options;
  const connection = Connection.lazy({ address, connectTimeout: '2s' });
  const client = new Client({ connection, namespace, dataConverter, identity });
  return { client, connection, namespace, identity, close: () => connection.close() };
}

/**
 * Runs client calls with a deadline; without one a call to an unreachable server hangs for up to 40 s.
 * Throws what `toEngineError` makes of the failure. After ENGINE_UNAVAILABLE the call may still have taken effect.
 *
 * @param timeoutMs Milliseconds for all calls inside together.
 * @param action Named in errors, e.g. `start run`.
 */
export async function withDeadline<T>(
  temporal: TemporalClient,
  timeoutMs: number,
  action: string,
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await temporal.connection.withDeadline(Date.now() + timeoutMs, call);
  } catch (error) {
    throw toEngineError(error, action);
  }
}
