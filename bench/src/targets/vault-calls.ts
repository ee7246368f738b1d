import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { sized, type Bench } from '../bench.js';

/** Requests that Vault recorded while deliveries passed, everything being warm. */
export interface VaultCalls {
  readonly deliveries: number;
  readonly seconds: number;
  readonly requests: number;
  readonly byPath: Readonly<Record<string, number>>;
  /** Most that the refresh intervals allow in this time. */
  readonly allowed: number;
  readonly lost: number;
  readonly doubled: number;
}

/** Shortest interval at which anything is refreshed: webhook secrets, 300 s. */
const REFRESH_SECONDS = 300;
/**
 * What is refreshed: webhook secret, three data keys (door, dispatcher, worker), two decryptions (bodies, payloads),
 * one lease, and the tokens of four identities.
 */
const REFRESHED = 11;

/** T8: counted in Vault's own audit log. */
export async function measureVaultCalls(bench: Bench): Promise<VaultCalls> {
  const { product, stack, say } = bench;
  const url = await product.flow('bench-own-one', 'own-run-one.yaml');
  const log = join(stack.home, 'logs', 'vault-audit.log');
  const send = (count: number) => product.complete({ urls: [url], count, connections: 32, sink: 'party' });
  await send(50);
  const offset = statSync(log).size;
  const begun = performance.now();
  const { count, lost, doubled } = await send(sized(bench, 1_000, 200));
  const seconds = (performance.now() - begun) / 1_000;
  const byPath = requestsByPath(readFileSync(log).subarray(offset).toString('utf8'));
  const requests = Object.values(byPath).reduce((sum, each) => sum + each, 0);
  const allowed = Math.floor(REFRESHED * (1 + seconds / REFRESH_SECONDS));
  say(`${requests} requests for ${count} deliveries`);
  return { deliveries: count, seconds, requests, byPath, allowed, lost, doubled };
}

/** Counts the audit log's requests by operation and path. Each request has a second line, its response. */
export function requestsByPath(log: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const line of log.split('\n')) {
    if (!line.startsWith('{')) continue;
    const entry = JSON.parse(line) as { type?: string; request?: { operation?: string; path?: string } };
    if (entry.type !== 'request') continue;
    const name = `${entry.request?.operation ?? ''} ${entry.request?.path ?? ''}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
