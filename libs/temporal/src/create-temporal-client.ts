import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { toEngineError } from './engine-error.js';
import { TemporalLinks } from './temporal-links.js';

export interface TemporalClientOptions {
  /** `host:port` */
  address: string;
  namespace: string;
  dataConverter: DataConverter;
  /** Shown in histories, in plaintext. Default `ecluse`. */
  identity?: string;
}
/** The Temporal client of a process: one connection, replaced when it went silent. */
export interface TemporalClient {
  /** Of the connection in use: ask for it at each call. */
  readonly client: Client;
  /** As `client`. */
  readonly connection: Connection;
  readonly namespace: string;
  readonly identity: string;
  /** For `withDeadline`. Rejects with what the call threw. */
  run<T>(timeoutMs: number, call: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const CHANNEL = {
  // The server ends connections that ping more often than every 10 s. Dead ones are known after 14 s, idle or not.
  'grpc.keepalive_time_ms': 11_000,
  'grpc.keepalive_timeout_ms': 3_000,
  'grpc.keepalive_permit_without_calls': 1,
  // A new connection must not share the socket of the one that it replaces.
  'grpc.use_local_subchannel_pool': 1,
};

/** Makes no request: the connection is opened by the first call. Give every call a deadline: `withDeadline`. */
export function createTemporalClient(options: TemporalClientOptions): TemporalClient {
  const { address, namespace, dataConverter, identity = 'ecluse' } = options;
  const links = new TemporalLinks(() => {
    const connection = Connection.lazy({ address, connectTimeout: '2s', channelArgs: CHANNEL });
    return { connection, client: new Client({ connection, namespace, dataConverter, identity }) };
  });
  return {
    get client() {
      return links.link.client;
    },
    get connection() {
      return links.link.connection;
    },
    namespace,
    identity,
    run: (timeoutMs, call) => links.withDeadline(timeoutMs, call),
    close: () => links.close(),
  };
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
    return await temporal.run(timeoutMs, call);
  } catch (error) {
    throw toEngineError(error, action);
  }
}
