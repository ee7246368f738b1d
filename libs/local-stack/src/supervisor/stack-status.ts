import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { StackHome } from '../stack-home.js';
import { readJsonFile, writeFileAtomically } from './atomic-file.js';
import type { PortMap } from './port-plan.js';

/** Parts of the local stack, in start order. */
export const PART_NAMES = ['postgres', 'vault', 'temporal', 'ingress', 'worker', 'admin-api'] as const;
export type PartName = (typeof PART_NAMES)[number];

/**
 * `starting`: not ready yet; `ready`; `restarting`: it ended by itself and comes back; `failed`: it ended too often
 * and stays down; `stopped`: ended on purpose.
 */
export type PartState = 'starting' | 'ready' | 'restarting' | 'failed' | 'stopped';

export interface PartStatus {
  readonly name: PartName;
  readonly state: PartState;
  readonly pid: number | null;
  readonly version: string | null;
  /** Where it listens: a URL, or `host:port`. */
  readonly endpoint: string;
  readonly log: string;
  /** Restarts since the supervisor started. */
  readonly restarts: number;
}

/** Addresses for people and scripts. */
export interface StackEndpoints {
  readonly door: string;
  readonly adminApi: string;
  readonly apiDocs: string;
  readonly openApi: string;
  readonly operatorUi: string;
  readonly temporal: string;
  readonly temporalUi: string;
  readonly vault: string;
  readonly postgres: string;
  readonly workerHealth: string;
  readonly ingressMetrics: string;
  readonly workerMetrics: string;
  readonly adminMetrics: string;
}

/** Content of `status.json`: what runs on a data folder, and where. Holds no secret. */
export interface StackStatus {
  readonly layout: number;
  /** Version of Ecluse. */
  readonly version: string;
  readonly home: string;
  readonly supervisorPid: number;
  readonly state: 'starting' | 'ready' | 'stopping';
  /** RFC 3339. */
  readonly startedAt: string;
  readonly readyAt: string | null;
  readonly endpoints: StackEndpoints;
  readonly parts: readonly PartStatus[];
  /** Files with secrets for people; 0600. */
  readonly files: { readonly adminApiKey: string };
}

const LOOPBACK = '127.0.0.1';

/** Addresses that follow from the ports. */
export function endpointsOf(ports: PortMap): StackEndpoints {
  const http = (port: number): string => `http://${LOOPBACK}:${String(port)}`;
  return {
    door: http(ports.door),
    adminApi: http(ports.adminApi),
    apiDocs: `${http(ports.adminApi)}/docs`,
    openApi: `${http(ports.adminApi)}/v1/openapi.json`,
    operatorUi: `http://ecluse.localhost:${String(ports.operatorUi)}`,
    temporal: `${LOOPBACK}:${String(ports.temporal)}`,
    temporalUi: http(ports.temporalUi),
    vault: http(ports.vault),
    postgres: `${LOOPBACK}:${String(ports.postgres)}`,
    workerHealth: http(ports.workerHealth),
    ingressMetrics: `${http(ports.ingressMetrics)}/metrics`,
    workerMetrics: `${http(ports.workerMetrics)}/metrics`,
    adminMetrics: `${http(ports.adminMetrics)}/metrics`,
  };
}

/** Address of each part, as `status` shows it. */
export function partEndpoint(name: PartName, endpoints: StackEndpoints): string {
  const byPart: Record<PartName, string> = {
    postgres: endpoints.postgres,
    vault: endpoints.vault,
    temporal: endpoints.temporal,
    ingress: endpoints.door,
    worker: endpoints.workerHealth,
    'admin-api': endpoints.adminApi,
  };
  return byPart[name];
}

/** Path of `status.json`. */
export function statusFile(home: StackHome): string {
  return join(home.root, 'status.json');
}

/** Replaces `status.json`. Throws `DISK_FULL`. */
export async function writeStatus(home: StackHome, status: StackStatus): Promise<void> {
  await writeFileAtomically(statusFile(home), `${JSON.stringify(status, null, 2)}\n`);
}

/** Reads `status.json`; undefined while nothing was started. A killed supervisor leaves it: see `findSupervisor`. */
export async function readStatus(home: StackHome): Promise<StackStatus | undefined> {
  const value = await readJsonFile(statusFile(home));
  return typeof value === 'object' && value !== null && 'parts' in value ? (value as StackStatus) : undefined;
}

/** Removes `status.json` after an orderly stop. */
export async function removeStatus(home: StackHome): Promise<void> {
  await rm(statusFile(home), { force: true });
}
