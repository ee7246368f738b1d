import { cpus, totalmem } from 'node:os';
import type { Spread } from './statistics.js';

/** Everything one run of the benchmark measured. Times in milliseconds, rates per second. */
export interface Figures {
  coldStartMs: number;
  warmStartMs: number;
  acceptToOrder: { count: number; p50: number; p99: number };
  product: Spread;
  floor: Spread;
  ratio: Spread;
  pairs: number;
  perPair: number;
  inFlight: number;
  lost: number;
  doubled: number;
}

const round = (value: number, digits = 1): string => value.toFixed(digits);
const range = (spread: Spread, digits = 1): string =>
  `${round(spread.median, digits)} (${round(spread.min, digits)}–${round(spread.max, digits)})`;

/** The document `docs/benchmarks.md`. */
export function renderReport(figures: Figures, measuredOn: string): string {
  const { acceptToOrder: latency } = figures;
  const machine = `${String(cpus().length)} cores, ${String(Math.round(totalmem() / 2 ** 30))} GiB, Node ${process.versions.node}`;
  return `# Benchmarks

Made by \`npm run bench\` on ${measuredOn} (${machine}). Everything runs on one machine: senders, Ecluse, Temporal's development server,
Vault, PostgreSQL with both databases. Absolute times depend on the machine; the ratio is what to compare.

| figure | value |
|---|---|
| start to ready, empty data folder, servers cached | ${round(figures.coldStartMs / 1000)} s |
| start to ready, data kept | ${round(figures.warmStartMs / 1000)} s |
| from the 202 to the committed order, idle, n = ${String(latency.count)} | p50 ${round(latency.p50, 0)} ms, p99 ${round(latency.p99, 0)} ms |
| flows per second, Ecluse | ${range(figures.product)} |
| flows per second, bare Temporal worker with the same two calls | ${range(figures.floor)} |
| ratio within one pair | ${range(figures.ratio, 2)} |
| lost, doubled | ${String(figures.lost)}, ${String(figures.doubled)} |

Median with minimum and maximum over ${String(figures.pairs)} interleaved pairs of ${String(figures.perPair)} flows each, ${String(figures.inFlight)} in flight, after a
warm-up. Both sides write the same customer and order in the same ERP over the same Temporal server. A flow of Ecluse is more than a
flow of the bare worker: a verified signature, an encrypted inbox row, encrypted payloads, an effect ledger, a leased database user, a
run record. What that costs per part, and what is done about it, is the subject of the performance work that follows.

The very first start also builds Temporal CLI and Vault, once per user: 12 to 15 minutes on two cores with empty Go caches.
`;
}
