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
  /** Variables of the user that are handed on: `PATH`, locale and the log level; nothing else. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  /** Extra variables per service; tests use it for fault points. */
  readonly extra?: Partial<Readonly<Record<ServiceProcess, Readonly<Record<string, string>>>>>;
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

/** The launch of every service, in start order. Secrets appear as file names only. */
export function planServices(input: ServicePlanInput): ServiceLaunch[] {
  const { ports, extra } = input;
  const health = (port: number): string => `http://127.0.0.1:${String(port)}/health/ready`;
  const launch = (name: ServiceProcess, port: number, stopGraceMs: number): ServiceLaunch => ({
    name,
    entry: join('services', name, 'dist', 'main.js'),
    env: { ...common(input), ...OWN[name](input), ...extra?.[name] },
    readyUrl: health(port),
    stopGraceMs,
  });
  return [
    launch('ingress', ports.door, 15_000),
    launch('worker', ports.workerHealth, 30_000),
    launch('admin-api', ports.adminApi, 15_000),
  ];
}

function common({ ports, inherited }: ServicePlanInput): Record<string, string> {
  const endpoints = endpointsOf(ports);
  const kept = INHERITED.map((name) => [name, inherited[name]] as const).filter(
    ([, value]) => value !== undefined,
  );
  return {
    ...(Object.fromEntries(kept) as Record<string, string>),
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
    ECLUSE_DOOR_DATABASE_URL_FILE: postgres.services.door,
    ECLUSE_DOOR_VAULT_ROLE_ID: vault.services.door.roleId,
    ECLUSE_DOOR_VAULT_SECRET_ID_FILE: vault.services.door.secretIdFile,
    ECLUSE_DISPATCHER_DATABASE_URL_FILE: postgres.services.dispatcher,
    ECLUSE_DISPATCHER_VAULT_ROLE_ID: vault.services.dispatcher.roleId,
    ECLUSE_DISPATCHER_VAULT_SECRET_ID_FILE: vault.services.dispatcher.secretIdFile,
  }),
  worker: ({ ports, postgres, vault }) => ({
    ECLUSE_WORKER_HEALTH_PORT: String(ports.workerHealth),
    ECLUSE_WORKER_DATABASE_URL_FILE: postgres.services.worker,
    ECLUSE_WORKER_VAULT_ROLE_ID: vault.services.worker.roleId,
    ECLUSE_WORKER_VAULT_SECRET_ID_FILE: vault.services.worker.secretIdFile,
  }),
  'admin-api': ({ ports, postgres, vault }) => ({
    ECLUSE_ADMIN_PORT: String(ports.adminApi),
    ECLUSE_OPERATOR_PORT: String(ports.operatorUi),
    ECLUSE_TEMPORAL_UI_ADDR: endpointsOf(ports).temporalUi,
    ECLUSE_DOOR_PUBLIC_URL: endpointsOf(ports).door,
    ECLUSE_ADMIN_DATABASE_URL_FILE: postgres.services['admin-api'],
    ECLUSE_ADMIN_VAULT_ROLE_ID: vault.services['admin-api'].roleId,
    ECLUSE_ADMIN_VAULT_SECRET_ID_FILE: vault.services['admin-api'].secretIdFile,
  }),
};
