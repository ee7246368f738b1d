import type { CallResult, Connector, OperationInfo } from '@ecluse/connector-sdk';
import type { EffectState, JsonObject, RunRef } from '@ecluse/contracts';
import { DeliveryDocuments } from '@ecluse/delivery-document';
import type { EcluseError } from '@ecluse/errors';
import { NO_FAILPOINTS } from '@ecluse/failpoints';
import { createLogger } from '@ecluse/observability';
import { ConnectionCircuits, type ConnectorCallDeps } from '../index.js';
import { MemoryConnectionStates } from './memory-connection-states.js';

export const RUN: RunRef = {
  tenant: 'acme',
  runId: 'r1',
  deliveryId: 'd1',
  flow: 'deal-to-order',
  flowVersion: 1,
  flowSha256: '0'.repeat(64),
  origin: 'wh:acme:crm:1:deal-to-order',
};

/** Ports that answer as scripted and write down, in one list, in which order they were used. */
export class ScriptedDeps {
  readonly events: string[] = [];
  readonly logged: string[] = [];
  /** State of the effect before the call; null when nothing is known of it. */
  effect: EffectState | null = null;
  operation: OperationInfo = { name: 'order.create', effect: 'create', timeout: { attemptMs: 1_000 } };
  answers: (CallResult | Error)[] = [
    { verdict: { outcome: 'ok', reason: null, vendorCode: null }, output: { id: 7 } },
  ];
  /** Faults by event, thrown once each. */
  readonly faults = new Map<string, EcluseError[]>();
  readonly states = new MemoryConnectionStates(() => performance.now());
  #leases = 0;

  #note(event: string): void {
    this.events.push(event);
    const fault = this.faults.get(event)?.shift();
    if (fault !== undefined) throw fault;
  }

  deps(): ConnectorCallDeps {
    return {
      documents: new DeliveryDocuments({
        deliveries: { load: () => Promise.resolve(STORED) },
        openBody: () => Promise.resolve(Buffer.from('{}')),
      }),
      evaluator: { evaluate: (expression) => Promise.resolve(JSON.parse(expression) as JsonObject) },
      connections: {
        find: (_tenant, name) => Promise.resolve(name === 'erp' ? structuredClone(CONNECTION) : undefined),
      },
      connectors: { find: (id) => (id === 'scripted' ? this.#connector() : undefined) },
      broker: {
        withLease: async (_ref, _needForMs, use) => {
          this.#note('lease');
          this.#leases += 1;
          const name = `lease-${String(this.#leases)}`;
          return use({ leaseRef: name, username: `v-${name}`, password: 'hunter2', expiresAt: new Date(0) });
        },
        invalidate: (leaseRef) => {
          this.#note(`invalidate ${leaseRef}`);
        },
        close: () => Promise.resolve(),
      },
      attempts: {
        begin: async ({ attempt }) => {
          this.#note(`begin ${String(attempt)}`);
        },
        end: async ({ attempt }, { outcome, leaseUser }) => {
          this.#note(`end ${String(attempt)} ${outcome} ${leaseUser ?? ''}`);
        },
      },
      ledger: {
        intend: async () => {
          this.#note('intend');
          const known = this.effect;
          if (known === null || known === 'refused')
            return { state: 'intended', output: null, reason: null, again: false };
          return { state: known, output: known === 'confirmed' ? SEALED : null, reason: null, again: true };
        },
        settle: async (_key, { state }) => {
          this.#note(`settle ${state}`);
        },
      },
      circuits: new ConnectionCircuits({ store: this.states, log: createLogger('spec', 'error') }),
      waits: {
        waitFor: async (_run, reason) => {
          this.#note(`wait ${reason ?? 'over'}`);
        },
      },
      outputs: { seal: () => Promise.resolve(SEALED), open: () => Promise.resolve({ id: 'stored' }) },
      failpoints: NO_FAILPOINTS,
      log: createLogger('spec', 'debug', { write: (line: string) => void this.logged.push(line) }),
    };
  }

  #connector(): Connector {
    return {
      id: 'scripted',
      version: '1',
      specSchema: {},
      check: () => [],
      operations: () => [this.operation],
      call: async () => {
        this.#note('call');
        const answer = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
        if (answer === undefined || answer instanceof Error) throw answer ?? new Error('not scripted');
        return answer;
      },
      probe: () => Promise.resolve({ outcome: 'ok', reason: null, vendorCode: null }),
      close: () => Promise.resolve(),
    };
  }
}

const SEALED = { ciphertext: Buffer.from('sealed'), wrappedKey: 'k', keyName: 'tenant-acme' };
const STORED = {
  id: 'd1',
  tenant: 'acme',
  source: 'crm',
  deliveryKey: 'k',
  receivedAt: new Date(0),
  contentType: 'application/json',
  state: 'running' as const,
  body: SEALED,
};
const CONNECTION = {
  tenant: 'acme',
  name: 'erp',
  rowVersion: 1,
  spec: {
    connector: 'scripted',
    credentials: { vault: { engine: 'database', mount: 'database', role: 'acme-erp' } },
  },
};
