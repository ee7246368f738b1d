import { DEFAULT_NAMESPACE } from '@ecluse/contracts';
import { join } from 'node:path';
import type { PostgresAccess } from '../bootstrap/bootstrap-postgres.js';
import type { VaultAccess } from '../bootstrap/bootstrap-vault.js';
import type { PortMap } from './port-plan.js';
import { endpointsOf, type PartName } from './stack-status.js';

/** The three processes of Ecluse itself, in start order; they stop in the order ingress, admin-api, worker. */
export const SERVICE_NAMES = ['ingress', 'worker', 'admin-api'] as const satisfies readonly PartName[];
export type ServiceProcess = (typeof SERVICE_NAMES)[number];

/** What the environments of the services are made from. */
export interface ServicePlanInput {
  readonly ports: PortMap;
  readonly postgres: PostgresAccess;
  readonly vault: Pick<VaultAccess, 'services'>;
  /** The environment of the supervisor, of which little is handed on. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
}

/** How one service process is started. */
export interface ServiceLaunch {
  readonly name: ServiceProcess;
  /** Entry point below the checkout. */
  readonly entry: string;
  readonly env: Readonly<Record<string, string>>;
  /** Answers 200 once the service can work. */
  readonly readyUrl: string;
  /** Milliseconds for an orderly stop: the worker drains running activities. */
  readonly stopGraceMs: number;
}

const INHERITED = ['PATH', 'HOME', 'USER', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'ECLUSE_LOG_LEVEL'];
/** Fault points of the end-to-end tests; the services themselves refuse all but the setting `enabled`. */
const FAILPOINTS = ['ECLUSE_FAILPOINTS', 'ECLUSE_FAILPOINT_FOLDER'];

/** The launch of every service, in start order. Secrets appear as file names only. */
export function planServices(input: ServicePlanInput): ServiceLaunch[] {
  const { ports } = input;
  const health = (port: number): string => `http://127.0.0.1:${String(port)}/health/ready`;
  const launch = (name: ServiceProcess, port: number, stopGraceMs: number): ServiceLaunch => ({
    name,
    entry: join('services', name, 'dist', 'main.js'),
    env: {
      ...common(input),
      ...OWN[name](input),
      ...(name === 'admin-api' ? {} : handOn(FAILPOINTS, input)),
    },
    readyUrl: health(port),
    stopGraceMs,
  });
  return [
    launch('ingress', ports.door, 15_000),
    launch('worker', ports.workerHealth, 30_000),
    launch('admin-api', ports.adminApi, 15_000),
  ];
}

function handOn(names: readonly string[], { inherited }: ServicePlanInput): Record<string, string> {
  const set = names.map((name) => [name, inherited[name]] as const);
  return Object.fromEntries(set.filter(([, value]) => value !== undefined && value !== '')) as Record<
    string,
    string
  >;
}

function common(input: ServicePlanInput): Record<string, string> {
  const endpoints = endpointsOf(input.ports);
  return {
    ...handOn(INHERITED, input),
    NODE_ENV: 'production',
    ECLUSE_VAULT_ADDR: endpoints.vault,
    ECLUSE_TEMPORAL_ADDRESS: endpoints.temporal,
    ECLUSE_TEMPORAL_NAMESPACE: DEFAULT_NAMESPACE,
  };
}

const OWN: Record<ServiceProcess, (input: ServicePlanInput) => Record<string, string>> = {
  ingress: ({ ports, postgres, vault }) => ({
    ECLUSE_INGRESS_ROLE: 'both',
    ECLUSE_DOOR_PORT: String(ports.door),
    ECLUSE_INGRESS_METRICS_PORT: String(ports.ingressMetrics),
    ECLUSE_DOOR_DATABASE_URL_FILE: postgres.services.door,
    ECLUSE_DOOR_VAULT_ROLE_ID: vault.services.door.roleId,
    ECLUSE_DOOR_VAULT_SECRET_ID_FILE: vault.services.door.secretIdFile,
    ECLUSE_DISPATCHER_DATABASE_URL_FILE: postgres.services.dispatcher,
    ECLUSE_DISPATCHER_VAULT_ROLE_ID: vault.services.dispatcher.roleId,
    ECLUSE_DISPATCHER_VAULT_SECRET_ID_FILE: vault.services.dispatcher.secretIdFile,
  }),
  worker: ({ ports, postgres, vault }) => ({
    ECLUSE_WORKER_PROMOTE_BUILD: 'true', // the only worker here: new runs start on what was just built
    ECLUSE_WORKER_HEALTH_PORT: String(ports.workerHealth),
    ECLUSE_WORKER_METRICS_PORT: String(ports.workerMetrics),
    ECLUSE_WORKER_DATABASE_URL_FILE: postgres.services.worker,
    ECLUSE_WORKER_VAULT_ROLE_ID: vault.services.worker.roleId,
    ECLUSE_WORKER_VAULT_SECRET_ID_FILE: vault.services.worker.secretIdFile,
  }),
  'admin-api': ({ ports, postgres, vault }) => ({
    ECLUSE_ADMIN_PORT: String(ports.adminApi),
    ECLUSE_ADMIN_METRICS_PORT: String(ports.adminMetrics),
    ECLUSE_OPERATOR_PORT: String(ports.operatorUi),
    ECLUSE_TEMPORAL_UI_ADDR: endpointsOf(ports).temporalUi,
    ECLUSE_DOOR_PUBLIC_URL: endpointsOf(ports).door,
    ECLUSE_ADMIN_DATABASE_URL_FILE: postgres.services['admin-api'],
    ECLUSE_ADMIN_VAULT_ROLE_ID: vault.services['admin-api'].roleId,
    ECLUSE_ADMIN_VAULT_SECRET_ID_FILE: vault.services['admin-api'].secretIdFile,
  }),
};
