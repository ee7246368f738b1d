import type { ConnectorCatalog } from '@ecluse/connector-call';
import type { Connector } from '@ecluse/connector-sdk';
import { SqlConnector } from '@ecluse/connector-sql';

/** The connectors of this worker. A new one is added here, and nowhere else. */
const CONNECTORS: readonly (new () => Connector)[] = [SqlConnector];

/** One instance of each, found by the `connector` of a connection's spec. */
export class WorkerConnectors implements ConnectorCatalog {
  readonly #byId = new Map(
    CONNECTORS.map((Class) => new Class()).map((connector) => [connector.id, connector]),
  );

  find(id: string): Connector | undefined {
    return this.#byId.get(id);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#byId.values()].map((connector) => connector.close()));
  }
}
