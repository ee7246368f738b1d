import { toApplicationFailure } from '@ecluse/activity-failure';
import type { Verdict } from '@ecluse/connector-sdk';
import type { PlatformInput } from '@ecluse/contracts';
import { isEcluseError } from '@ecluse/errors';
import type { StoredConnection } from '@ecluse/storage';
import { Context } from '@temporalio/activity';
import { credentialOf } from './call-target.js';
import type { ConnectorCallDeps } from './connector-call-deps.js';

/** Longest look at a remote. Milliseconds. */
const PROBE_MS = 10_000;

type AwaitDeps = Pick<
  ConnectorCallDeps,
  'connections' | 'connectors' | 'broker' | 'circuits' | 'waits' | 'log'
>;

/** As `awaitConnection`; until it resolves, the run shows operators what it waits for. */
export async function awaitPlatform(deps: AwaitDeps, { run, connection }: PlatformInput): Promise<void> {
  try {
    await awaitConnection(deps, run.tenant, connection);
    await deps.waits.waitFor(run, null);
  } catch (error) {
    const reason = isEcluseError(error) ? (error.detail ?? error.entry.title) : null;
    // Shown where it can be; the wait goes on without.
    await deps.waits.waitFor(run, reason).catch(() => undefined);
    throw toApplicationFailure(error);
  }
}

/**
 * Resolves once the connection's circuit lets calls pass, and a lease and the store can be had. Throws CONNECTION_HELD
 * with the time to wait, or what is away; other faults are for the call itself to report.
 */
export async function awaitConnection(deps: AwaitDeps, tenant: string, name: string): Promise<void> {
  try {
    const connection = await deps.connections.find(tenant, name);
    if (connection === undefined) return;
    await deps.circuits.awaitTurn(tenant, name, () => probe(deps, connection));
    await deps.broker.withLease(credentialOf(connection.spec, tenant, name), 0, () => Promise.resolve());
  } catch (error) {
    if (toApplicationFailure(error).nonRetryable !== true) throw error;
  }
}

/** Looks at the remote without changing anything there, and without an attempt of anybody. */
async function probe(
  { connectors, broker, log }: AwaitDeps,
  { tenant, name, spec }: StoredConnection,
): Promise<Verdict> {
  const { connector: id } = spec;
  const connector = typeof id === 'string' ? connectors.find(id) : undefined;
  // What is not there is told by the call that asks for it.
  if (connector === undefined) return { outcome: 'ok', reason: null, vendorCode: null };
  return broker.withLease(credentialOf(spec, tenant, name), PROBE_MS, async ({ username, password }) => {
    const signal = AbortSignal.any([Context.current().cancellationSignal, AbortSignal.timeout(PROBE_MS)]);
    try {
      return await connector.probe(spec, {
        tenant,
        connection: name,
        credential: { username, password },
        signal,
      });
    } catch (error) {
      log.warn('connector could not look at the remote', { tenant, connection: name, error });
      return { outcome: 'transient', reason: 'The remote could not be looked at.', vendorCode: null };
    }
  });
}
