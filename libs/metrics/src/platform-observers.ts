import type { InstrumentsOf } from './create-metrics.js';
import type { MetricPart } from './instrument.js';
import type { INSTRUMENTS } from './instruments.js';

type Shared = Pick<InstrumentsOf<'door'>, 'vaultCalls' | 'postgresStatements'>;
type VaultOperation = (typeof INSTRUMENTS.vaultCalls.labels.operation)[number];
type StatementKind = (typeof INSTRUMENTS.postgresStatements.labels.kind)[number];
type VaultOutcome = (typeof INSTRUMENTS.vaultCalls.labels.outcome)[number];

/** Beginnings of Vault paths. The mounts are those of the product. */
const VAULT_OPERATIONS: readonly (readonly [string, VaultOperation])[] = [
  ['auth/approle/login', 'login'],
  ['auth/token/', 'token'],
  ['transit-payload/', 'transit'],
  ['kv/', 'kv'],
  ['database/creds/', 'credential'],
  ['sys/leases/', 'lease'],
  ['sys/health', 'health'],
];

/** Class of a request to Vault; the path itself names tenants and connections, and stays here. */
export function vaultOperation(path: string): VaultOperation {
  return VAULT_OPERATIONS.find(([beginning]) => path.startsWith(beginning))?.[1] ?? 'other';
}

/** Observers of the platform's clients, for one part of the product. */
export function platformObservers(
  { vaultCalls, postgresStatements }: Shared,
  part: MetricPart,
): {
  onRequest: (path: string, outcome: VaultOutcome) => void;
  onStatement: (kind: StatementKind) => void;
} {
  return {
    onRequest: (path, outcome) => {
      vaultCalls.add({ part, operation: vaultOperation(path), outcome });
    },
    onStatement: (kind) => {
      postgresStatements.add({ part, kind });
    },
  };
}
