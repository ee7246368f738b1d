import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StackHome } from '../stack-home.js';
import { makeRoom } from './log-file.js';
import { launchServer, type RunningServer, type SpawnHook } from './server-process.js';

/** How to start Vault. */
export interface VaultServerOptions {
  readonly home: StackHome;
  /** The `vault` program, from `resolveToolchain`. */
  readonly binary: string;
  /** Folder of the database plugin; none when it is built in. A real folder: Vault refuses symbolic links. */
  readonly pluginDirectory?: string;
  readonly port: number;
  /** Raft's own port; nobody else connects to it. */
  readonly clusterPort: number;
  readonly onSpawn?: SpawnHook;
}

/** A running Vault: answering, and sealed until `bootstrapVault` has run. */
export interface VaultServer extends RunningServer {
  /** `http://127.0.0.1:port`: plaintext, loopback only. */
  readonly address: string;
}

/**
 * Starts a real Vault server (not `-dev`) with raft storage under `home.vault`.
 * Throws PORT_IN_USE, STACK_BROKEN or DISK_FULL.
 */
export async function startVault(options: VaultServerOptions): Promise<VaultServer> {
  const { home, port } = options;
  await mkdir(join(home.vault, 'raft'), { recursive: true, mode: 0o700 });
  await makeRoom(vaultAuditLog(home));
  const config = join(home.vault, 'vault.hcl');
  await writeFile(config, vaultConfig(options), { mode: 0o600 });
  const address = `http://127.0.0.1:${String(port)}`;
  const server = await launchServer({
    name: 'vault',
    command: options.binary,
    args: ['server', `-config=${config}`],
    cwd: home.vault,
    ports: [port, options.clusterPort],
    // VAULT_* of the developer's own Vault (token, address, namespace) must not reach this one.
    env: withoutVaultSettings(process.env),
    logs: home.logs,
    ready: () => answers(address),
    ...(options.onSpawn === undefined ? {} : { onSpawn: options.onSpawn }),
  });
  return { ...server, address };
}

/** Where Vault writes every request, values hashed. Opened when it is unsealed. */
export function vaultAuditLog(home: StackHome): string {
  return join(home.logs, 'vault-audit.log');
}

/** Vault's configuration file for one loopback node. */
export function vaultConfig({ home, pluginDirectory, port, clusterPort }: VaultServerOptions): string {
  const listener = `127.0.0.1:${String(port)}`;
  const plugins = pluginDirectory === undefined ? '' : `plugin_directory = ${quote(pluginDirectory)}\n`;
  return `disable_mlock = true
api_addr = ${quote(`http://${listener}`)}
cluster_addr = ${quote(`http://127.0.0.1:${String(clusterPort)}`)}
${plugins}default_lease_ttl = "1h"
max_lease_ttl = "24h"
log_level = "warn"
storage "raft" {
  path = ${quote(join(home.vault, 'raft'))}
  node_id = "local"
  performance_multiplier = 1
}
listener "tcp" {
  address = ${quote(listener)}
  tls_disable = true
}
user_lockout "approle" {
  disable_lockout = "true"
}
`;
}

/** A string of HCL 1, which interpolates nothing in this file. */
function quote(text: string): string {
  return JSON.stringify(text);
}

/** Any answer will do: 501 before initialisation, 503 while sealed. */
async function answers(address: string): Promise<boolean> {
  const response = await fetch(`${address}/v1/sys/seal-status`, { signal: AbortSignal.timeout(2_000) });
  await response.arrayBuffer();
  return response.ok;
}

function withoutVaultSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('VAULT_')));
}
