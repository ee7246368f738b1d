import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { testServers } from '@ecluse/testing';
import { bundleFlowRun } from '../bundle-flow-run.js';

/** The test servers' Temporal with the bundled workflows; the activities are the test's own. */
export interface RealEngine {
  client: Client;
  /** For workers. */
  native: NativeConnection;
  bundle: { code: string };
  close(): Promise<void>;
}

/** One per process: it installs the SDK's runtime. */
export async function openRealEngine(): Promise<RealEngine> {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const { address, namespace } = testServers().temporal;
  const connection = await Connection.connect({ address });
  const native = await NativeConnection.connect({ address });
  return {
    client: new Client({ connection, namespace }),
    native,
    bundle: await bundleFlowRun(),
    close: async () => {
      await connection.close();
      await native.close();
      await Runtime.instance().shutdown();
    },
  };
}
