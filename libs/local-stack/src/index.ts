export { apiKeyFile, KEY_ROLES, type KeyRole } from './bootstrap/api-keys.js';
export {
  bootstrapPostgres,
  type BootstrapPostgresOptions,
  type PostgresAccess,
} from './bootstrap/bootstrap-postgres.js';
export { bootstrapVault, type BootstrapVaultOptions, type VaultAccess } from './bootstrap/bootstrap-vault.js';
export { type BootstrapFiles, checkoutFiles } from './bootstrap/definitions.js';
export { admitOnly } from './bootstrap/postgres-databases.js';
export { inSession, withDatabase } from './bootstrap/postgres-session.js';
export { postgresRole, SERVICES, type ServiceName } from './bootstrap/services.js';
export { type AppRoleAccess } from './bootstrap/vault-approles.js';
export { createStackHome, stackHome, type StackHome } from './stack-home.js';
export { endProcess, type EndProcessOptions } from './servers/end-process.js';
export { freePort } from './servers/free-port.js';
export { readTail } from './servers/log-file.js';
export { startPostgres, type PostgresServer, type PostgresServerOptions } from './servers/postgres-server.js';
export { isSameProcess, processIdentity } from './servers/process-identity.js';
export { readSecretFile, writeSecretFile } from './servers/secret-file.js';
export {
  launchServer,
  type LaunchOptions,
  type RunningServer,
  type SpawnedServer,
  type SpawnHook,
} from './servers/server-process.js';
export { startTemporal, type TemporalServer, type TemporalServerOptions } from './servers/temporal-server.js';
export { startVault, type VaultServer, type VaultServerOptions } from './servers/vault-server.js';
export { waitUntil } from './servers/wait-until.js';
export {
  locateServer,
  resolveServer,
  resolveToolchain,
  toolchainCache,
  type BuildProgress,
  type ServerPart,
  type Toolchain,
  type ToolchainOptions,
  type ToolchainOrigin,
  type ToolchainServer,
} from './toolchain/index.js';
export { errorCode, isDiskFull } from './system-error.js';
export { findSupervisor } from './supervisor/instance-lock.js';
export { LocalStack, STACK_STEPS, type LocalStackOptions } from './supervisor/local-stack.js';
export { type PidRecord } from './supervisor/pid-file.js';
export {
  DEFAULT_PORTS,
  PORT_NAMES,
  portFlag,
  portVariable,
  requestedPorts,
  type PortMap,
  type PortName,
} from './supervisor/port-plan.js';
export { machinePorts } from './supervisor/port-probe.js';
export { resetStack } from './supervisor/reset-stack.js';
export {
  planServices,
  type ServiceLaunch,
  type ServicePlanInput,
  type ServiceProcess,
} from './supervisor/service-plan.js';
export { checkStack, type PartHealthCheck } from './supervisor/stack-health.js';
export { checkoutRoot, locateStack } from './supervisor/stack-location.js';
export { silentProgress, type StackProgress } from './supervisor/stack-progress.js';
export {
  readStatus,
  statusFile,
  type PartName,
  type PartState,
  type PartStatus,
  type StackEndpoints,
  type StackStatus,
} from './supervisor/stack-status.js';
export { MIN_FREE_BYTES } from './supervisor/disk-space.js';
export { readErpOrders, type ErpOrder, type ErpOrderLine } from './story/erp-order.js';
export { checkMainJob, leaseOf, type CheckedFact, type MainJobFacts } from './story/main-job.js';
