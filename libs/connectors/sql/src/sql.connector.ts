import type { PoolClient } from 'pg';
import type {
  BulkItem,
  BulkResult,
  CallContext,
  CallResult,
  Connector,
  Verdict,
} from '@ecluse/connector-sdk';
import type { JsonObject, JsonValue } from '@ecluse/contracts';
import { EcluseError } from '@ecluse/errors';
import { classifySqlError } from './classify.js';
import { describeInvalidInput } from './input-schema.js';
import { planBulk } from './plan-bulk.js';
import { runBulk } from './run-bulk.js';
import { runOperation, succeeded } from './run-operation.js';
import { SessionPools } from './session-pools.js';
import { sqlConnectorCheck } from './sql-connector-check.js';
import { asSqlSpec, limitsOf, type SqlOperation, type SqlSpec } from './sql-spec.js';

type Session = Omit<CallContext, 'callKey'>;

/** `connector: sql`: named operations of parameterised statements on PostgreSQL, each in one transaction. */
export class SqlConnector implements Connector {
  readonly id = sqlConnectorCheck.id;
  readonly version = sqlConnectorCheck.version;
  readonly specSchema = sqlConnectorCheck.specSchema;
  readonly check = sqlConnectorCheck.check;
  readonly operations = sqlConnectorCheck.operations;
  readonly #pools = new SessionPools();

  /** Throws CONNECTION_UNKNOWN for an operation that the spec does not have; everything else is a verdict. */
  async call(raw: JsonObject, name: string, input: JsonObject, context: CallContext): Promise<CallResult> {
    const spec = asSqlSpec(raw);
    const operation = operationOf(spec, name);
    const invalid = describeInvalidInput(operation.input, input);
    if (invalid !== null) return { verdict: { outcome: 'invalid', reason: invalid, vendorCode: null } };
    return this.#withSession(spec, context, (client) =>
      runOperation(client, operation, limitsOf(spec, operation), input, context),
    );
  }

  /**
   * One transaction for all items. Those that the input schema refuses are told so; the others are written together
   * or not at all.
   */
  async callBulk(
    raw: JsonObject,
    name: string,
    items: readonly BulkItem[],
    context: Session,
  ): Promise<BulkResult> {
    const spec = asSqlSpec(raw);
    const operation = operationOf(spec, name);
    const { bulk } = operation;
    if (bulk === undefined) {
      throw new EcluseError('CONNECTION_UNKNOWN', { detail: `the operation ${name} has no bulk form` });
    }
    const { refused, waves } = planBulk(operation, items);
    const resultsWith = (outputs: ReadonlyMap<number, JsonValue>) => ({
      results: items.map((_item, index) => refused.get(index) ?? succeeded(outputs.get(index) ?? null)),
    });
    if (waves.length === 0) return resultsWith(new Map());
    const done = await this.#withSession(spec, context, (client) =>
      runBulk(client, { ...operation, bulk }, limitsOf(spec, operation), waves, context.signal),
    );
    return 'verdict' in done ? done : resultsWith(done.outputs);
  }

  async probe(raw: JsonObject, context: Session): Promise<Verdict> {
    const operation: SqlOperation = { effect: 'read', input: {}, statements: [{ sql: 'SELECT 1 AS one' }] };
    const spec = asSqlSpec(raw);
    const { verdict } = await this.#withSession(spec, context, (client) =>
      runOperation(client, operation, limitsOf(spec, operation), {}, { ...context, callKey: 'probe' }),
    );
    return verdict;
  }

  async close(username?: string): Promise<void> {
    await this.#pools.retire(username);
  }

  async #withSession<T extends object>(
    spec: SqlSpec,
    context: Session,
    use: (client: PoolClient) => Promise<T | { verdict: Verdict }>,
  ): Promise<T | { verdict: Verdict }> {
    let client: PoolClient;
    try {
      context.signal.throwIfAborted();
      client = await this.#pools.connect(
        `${context.tenant}/${context.connection}`,
        spec.config,
        context.credential,
      );
    } catch (error) {
      const verdict = classifySqlError(error, 'connect', 'write');
      if (verdict.outcome === 'auth_stale') await this.close(context.credential.username);
      return { verdict };
    }
    const result = await usingSession(client, context.signal, use);
    if (outcomeOf(result) === 'auth_stale') void this.close(context.credential.username);
    return result;
  }
}

/** Gives the session back afterwards; one that was cut off, or whose state is in doubt, is closed instead. */
async function usingSession<T extends object>(
  client: PoolClient,
  signal: AbortSignal,
  use: (client: PoolClient) => Promise<T>,
): Promise<T> {
  // Nothing else ends a query on a dead network: the server's own limits cannot be heard there.
  const cutOff = () => void client.connection.stream.destroy();
  // Without a listener, a session that breaks between two queries would end the process.
  const ignore = () => undefined;
  client.on('error', ignore);
  signal.addEventListener('abort', cutOff, { once: true });
  let clean = false;
  try {
    if (signal.aborted) cutOff();
    const result = await use(client);
    clean = !signal.aborted && !['ambiguous', 'auth_stale'].includes(outcomeOf(result));
    return result;
  } finally {
    signal.removeEventListener('abort', cutOff);
    client.off('error', ignore);
    client.release(!clean);
  }
}

function outcomeOf(result: object): string {
  return 'verdict' in result ? (result.verdict as Verdict).outcome : 'ok';
}

function operationOf(spec: SqlSpec, name: string): SqlOperation {
  const operation = Object.hasOwn(spec.operations, name) ? spec.operations[name] : undefined;
  if (operation === undefined) {
    throw new EcluseError('CONNECTION_UNKNOWN', { detail: `the connection has no operation ${name}` });
  }
  return operation;
}
