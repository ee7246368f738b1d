import type { JsonObject } from '@ecluse/contracts';
import type { Connector } from '@ecluse/connector-sdk';
import { sqlConnectorCheck } from '@ecluse/connector-sql/check';

/** What the admin API knows of a connector: enough to check documents, nothing to call a remote with. */
export type ConnectorCheck = Pick<Connector, 'id' | 'specSchema' | 'check' | 'operations'>;

/** The connectors that connections may name. The worker has the same list, with the drivers. */
const CONNECTORS: ReadonlyMap<string, ConnectorCheck> = new Map(
  [sqlConnectorCheck].map((connector) => [connector.id, connector]),
);

/** The connector that a connection's spec names; undefined when it is not known here. */
export function connectorOf(spec: JsonObject): ConnectorCheck | undefined {
  const { connector } = spec;
  return typeof connector === 'string' ? CONNECTORS.get(connector) : undefined;
}

/** Names that `connector` may have. */
export function connectorNames(): string[] {
  return [...CONNECTORS.keys()];
}
