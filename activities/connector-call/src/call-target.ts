import type { Connector, OperationInfo } from '@ecluse/connector-sdk';
import type { CallInput, JsonObject, JsonValue, RunRef } from '@ecluse/contracts';
import type { CredentialRef } from '@ecluse/credentials';
import { EcluseError } from '@ecluse/errors';
import type { ConnectorCallDeps } from './connector-call-deps.js';

/** Everything about where a call goes, read from the connection and nothing else. */
export interface CallTarget {
  connector: Connector;
  spec: JsonObject;
  operation: OperationInfo;
  credential: CredentialRef;
  /** True when a second call cannot make a second effect. */
  repeatable: boolean;
}

/** Throws CONNECTION_UNKNOWN when connection, connector or operation is not there. */
export async function findTarget(
  deps: Pick<ConnectorCallDeps, 'connections' | 'connectors'>,
  { run, call }: { run: Pick<RunRef, 'tenant'>; call: CallInput['call'] },
): Promise<CallTarget> {
  const connection = await deps.connections.find(run.tenant, call.connection);
  if (connection === undefined) throw unknown(`connection ${call.connection} does not exist`);
  const { connector: id } = connection.spec;
  const connector = typeof id === 'string' ? deps.connectors.find(id) : undefined;
  if (connector === undefined)
    throw unknown(`connection ${call.connection} uses a connector that this worker lacks`);
  const operation = operationsOf(connector, connection.spec).get(call.operation);
  if (operation === undefined)
    throw unknown(`connection ${call.connection} has no operation ${call.operation}`);
  return {
    connector,
    spec: connection.spec,
    operation,
    credential: credentialOf(connection.spec, run.tenant, call.connection),
    repeatable: operation.effect === 'read' || (operation.idempotency?.kind ?? 'none') !== 'none',
  };
}

/** By spec: a connection that did not change stays the same object. */
const described = new WeakMap<JsonObject, Map<string, OperationInfo>>();

function operationsOf(connector: Connector, spec: JsonObject): Map<string, OperationInfo> {
  const known = described.get(spec);
  if (known !== undefined) return known;
  const operations = new Map(connector.operations(spec).map((operation) => [operation.name, operation]));
  described.set(spec, operations);
  return operations;
}

/** The credential that the connection names. Throws CREDENTIAL_MISSING. */
export function credentialOf(spec: JsonObject, tenant: string, connection: string): CredentialRef {
  const vault = objectAt(objectAt(spec, 'credentials'), 'vault');
  const { engine, mount, role } = vault ?? {};
  if (engine !== 'database' || typeof mount !== 'string' || typeof role !== 'string') {
    throw new EcluseError('CREDENTIAL_MISSING', { detail: `connection ${connection} names no Vault role` });
  }
  return { tenant, connection, engine, mount, role };
}

function objectAt(value: JsonValue | undefined, name: string): JsonObject | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const inner = value[name];
  return typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? inner : undefined;
}

function unknown(detail: string): EcluseError {
  return new EcluseError('CONNECTION_UNKNOWN', { detail });
}
