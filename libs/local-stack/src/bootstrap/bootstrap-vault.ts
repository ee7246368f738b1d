import { DEFAULT_NAMESPACE } from '@ecluse/contracts';
import type { PostgresServer } from '../servers/postgres-server.js';
import type { StackHome } from '../stack-home.js';
import { checkoutFiles, readDefinitions, type BootstrapFiles } from './definitions.js';
import type { ServiceName } from './services.js';
import { VaultApi } from './vault-api.js';
import { ensureAppRoles, type AppRoleAccess } from './vault-approles.js';
import { ensureDatabaseConfig, registerPlugin, writeDatabaseRoles } from './vault-database.js';
import { ensureAudit, ensureMounts, ensureTransitKeys, writePolicies } from './vault-engines.js';
import { openVault } from './vault-seal.js';

/** What `bootstrapVault` works on. */
export interface BootstrapVaultOptions {
  readonly home: StackHome;
  /** `http://host:port` of a Vault that answers. */
  readonly address: string;
  /** As given to `startVault`; undefined when the plugin is built in. */
  readonly pluginDirectory?: string;
  /** Resolves once `bootstrapPostgres` has made `vault_admin`. Vault is opened meanwhile. */
  readonly postgres: Promise<Pick<PostgresServer, 'port' | 'superuserUrl'>>;
  readonly tenant: string;
  /** Temporal namespace; default `ecluse`. */
  readonly namespace?: string;
  /** Default: the files of this checkout. */
  readonly files?: BootstrapFiles;
}

/** How to reach the Vault that is set up now. */
export interface VaultAccess {
  readonly address: string;
  readonly services: Readonly<Record<ServiceName, AppRoleAccess>>;
  /** For bootstrap and tests; no service gets it. */
  readonly rootToken: string;
}

/**
 * Initialises, unseals and sets up Vault: audit, engines, policies, AppRoles, transit keys, the ERP's dynamic users.
 * Repeatable. Throws STACK_BROKEN, VAULT_UNAVAILABLE or VAULT_MISUSED.
 */
export async function bootstrapVault(options: BootstrapVaultOptions): Promise<VaultAccess> {
  const {
    home,
    address,
    pluginDirectory,
    tenant,
    namespace = DEFAULT_NAMESPACE,
    files = checkoutFiles(),
  } = options;
  options.postgres.catch(() => undefined); // awaited below; until then a failure there must not end the process
  const sealed = new VaultApi(address);
  const { rootToken } = await openVault(sealed, home);
  const api = sealed.withToken(rootToken);
  const policies = await readDefinitions(files.policies, '.hcl');
  const databaseRoles = await readDefinitions(files.databaseRoles, '.json');
  await ensureAudit(api, home);
  await ensureMounts(api);
  await ensureTransitKeys(api, tenant, namespace);
  await writePolicies(api, policies);
  const services = await ensureAppRoles(api, home, [...policies.keys()]);
  if (pluginDirectory !== undefined) await registerPlugin(api, pluginDirectory);
  await ensureDatabaseConfig(api, await options.postgres, [...databaseRoles.keys()]);
  await writeDatabaseRoles(api, databaseRoles);
  return { address, services, rootToken };
}
