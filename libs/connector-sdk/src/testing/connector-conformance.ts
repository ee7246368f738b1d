import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@ecluse/contracts';
import type { CallContext, CallResult } from '../index.js';
import { describeBulkConformance } from './bulk-conformance.js';
import type { ConformanceHarness } from './conformance-harness.js';

const MARKER = 'jane@canary.example';
let serial = 0;

/** The behaviour that every connector owes the activity that calls it, run against the real counterpart. */
export function describeConnectorConformance(
  name: string,
  harness: () => ConformanceHarness,
  { bulk }: { bulk: boolean } = { bulk: false },
): void {
  const context = (changes: Partial<CallContext> = {}): CallContext => ({
    tenant: 'acme',
    connection: 'conformance',
    credential: harness().credential,
    callKey: 'wh:acme:conformance/step',
    signal: AbortSignal.timeout(20_000),
    ...changes,
  });
  const write = (input: JsonObject, changes: Partial<CallContext> = {}): Promise<CallResult> => {
    const { connector, spec, write: target } = harness();
    return connector.call(spec, target.operation, input, context(changes));
  };
  const newInput = (): { id: string; input: JsonObject } => {
    const id = `conformance-${String(process.pid)}-${String((serial += 1))}`;
    return { id, input: harness().write.input(id, MARKER) };
  };

  describe(`connector conformance: ${name}`, () => {
    describeRefusals(harness, context, write, newInput);
    if (bulk) describeBulkConformance(harness, context);

    it('has a bulk call exactly where it says so', () => {
      const { connector, spec, write: target } = harness();
      const operation = connector.operations(spec).find((info) => info.name === target.operation);
      expect(operation?.bulk !== undefined).toBe(bulk);
      expect(connector.callBulk !== undefined || !bulk).toBe(true);
    });

    it('finds nothing wrong with its own spec, and lists the operation with its time limit', () => {
      const { connector, spec, write: target } = harness();
      expect(connector.check(spec)).toEqual([]);
      const operation = connector.operations(spec).find((info) => info.name === target.operation);
      expect(operation?.timeout.attemptMs).toBeGreaterThan(0);
      expect(operation?.idempotency?.kind ?? 'none').not.toBe('none');
    });

    it('leaves one record of ten calls at once with the same key', async () => {
      const { id, input } = newInput();
      const results = await Promise.all(Array.from({ length: 10 }, () => write(input)));
      // A loser may be told to try again; none may be refused for good.
      const allowed = ['ok', 'already_done', 'transient', 'throttled'];
      for (const { verdict } of results) expect(allowed).toContain(verdict.outcome);
      expect(await harness().count(id)).toBe(1);
    });

    it('probes without writing', async () => {
      const before = await harness().countAll();
      const { connector, spec } = harness();
      expect(await connector.probe(spec, context())).toMatchObject({ outcome: 'ok' });
      expect(await harness().countAll()).toBe(before);
    });

    it('works again after its sessions were ended', async () => {
      await harness().connector.close(harness().credential.username);
      expect((await write(newInput().input)).verdict.outcome).toBe('ok');
    });
  });
}

function describeRefusals(
  harness: () => ConformanceHarness,
  context: (changes?: Partial<CallContext>) => CallContext,
  write: (input: JsonObject, changes?: Partial<CallContext>) => Promise<CallResult>,
  newInput: () => { id: string; input: JsonObject },
): void {
  it('tells that a credential is not known, without telling the credential', async () => {
    const { unknownCredential } = harness();
    const { id, input } = newInput();
    const result = await write(input, { credential: unknownCredential });
    expect(result.verdict.outcome).toBe('auth_stale');
    expect(JSON.stringify(result)).not.toContain(unknownCredential.password);
    expect(await harness().count(id)).toBe(0);
  });

  it('tells what is invalid, without telling the value', async () => {
    const result = await write(harness().refusedInput(MARKER));
    expect(result.verdict.outcome).toBe('invalid');
    expect(result.verdict.reason).not.toBeNull();
    expect(JSON.stringify(result)).not.toContain(MARKER);
  });

  it('tells that the remote no longer matches', async () => {
    const { connector, drifted } = harness();
    const result = await connector.call(drifted.spec, drifted.operation, drifted.input, context());
    expect(result.verdict.outcome).toBe('contract_drift');
  });

  it('does nothing when the call was cancelled before', async () => {
    const { id, input } = newInput();
    const result = await write(input, { signal: AbortSignal.abort() });
    expect(result.verdict.outcome).toBe('transient');
    expect(await harness().count(id)).toBe(0);
  });

  it('refuses an operation that the spec does not have', async () => {
    const { connector, spec } = harness();
    await expect(connector.call(spec, 'no.such', {}, context())).rejects.toMatchObject({ code: 'ECL-4012' });
  });
}
