import { execFile } from 'node:child_process';
import { access, chown, mkdir, rename, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EcluseError } from '@ecluse/errors';
import { Client } from 'pg';
import type { StackHome } from '../stack-home.js';
import { findPostgresBinaries } from './postgres-binaries.js';
import { postgresUser } from './postgres-user.js';
import { keptSecret } from './secret-file.js';
import { launchServer, type RunningServer, type SpawnHook } from './server-process.js';

const run = promisify(execFile);
type SystemUser = Awaited<ReturnType<typeof postgresUser>>;

/** How to start PostgreSQL. */
export interface PostgresServerOptions {
  readonly home: StackHome;
  readonly port: number;
  /** False only for servers that tests throw away: no fsync. Default true. */
  readonly durable?: boolean;
  readonly onSpawn?: SpawnHook;
}

/** A running PostgreSQL; its superuser is for bootstrap and tests only. */
export interface PostgresServer extends RunningServer {
  readonly port: number;
  /** Superuser, database `postgres`. Holds the password: never log it. */
  readonly superuserUrl: string;
}

/**
 * Starts PostgreSQL on 127.0.0.1 with the data under `home.postgres`, made on the first start. Every connection
 * needs a password (SCRAM). Throws PORT_IN_USE, STACK_BROKEN, TOOLCHAIN_MISSING or DISK_FULL.
 */
export async function startPostgres(options: PostgresServerOptions): Promise<PostgresServer> {
  const { home, port } = options;
  const binaries = findPostgresBinaries();
  const user = await postgresUser();
  const password = await keptSecret(join(home.secrets, 'postgres-password'));
  const data = join(home.postgres, 'data');
  await ownFolder(home.postgres, user);
  if (!(await exists(join(data, 'PG_VERSION')))) await initialise(binaries.initdb, home, password, user);
  const superuserUrl = postgresUrl({ user: 'postgres', password, port, database: 'postgres' });
  const server = await launchServer({
    name: 'postgres',
    command: binaries.postgres,
    args: ['-D', data, '-p', String(port), ...settings(options)],
    cwd: home.postgres,
    ports: [port],
    logs: home.logs,
    // SIGINT is PostgreSQL's fast shutdown: sessions end, nothing committed is lost.
    stopSignal: 'SIGINT',
    stopGraceMs: 20_000,
    ready: () => answers(superuserUrl),
    ...(user === undefined ? {} : { user }),
    ...(options.onSpawn === undefined ? {} : { onSpawn: options.onSpawn }),
  });
  return { ...server, port, superuserUrl };
}

function settings(options: PostgresServerOptions): string[] {
  const values = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    // Failed statements are not logged: their texts and details quote the values of rows.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_parameter_max_length: '0',
    log_parameter_max_length_on_error: '0',
    ...(options.durable === false
      ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }
      : {}),
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** `postgresql://…@127.0.0.1`, every part escaped. */
export function postgresUrl(parts: {
  user: string;
  password: string;
  port: number;
  database: string;
}): string {
  const { user, password, port, database } = parts;
  const credentials = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  return `postgresql://${credentials}@127.0.0.1:${String(port)}/${encodeURIComponent(database)}`;
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Makes the cluster beside its place and moves it there, so an interrupted initdb leaves no half cluster. */
async function initialise(
  initdb: string,
  home: StackHome,
  password: string,
  user: SystemUser,
): Promise<void> {
  const unfinished = join(home.postgres, 'unfinished');
  const passwordFile = join(home.postgres, 'initdb-password');
  await rm(unfinished, { recursive: true, force: true });
  await rm(passwordFile, { force: true });
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600, flag: 'wx' });
  if (user !== undefined) await chown(passwordFile, user.uid, user.gid);
  const args = [`--pgdata=${unfinished}`, '--username=postgres', `--pwfile=${passwordFile}`];
  args.push('--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--data-checksums');
  try {
    await run(initdb, args, { cwd: home.postgres, ...user });
  } catch (error) {
    const said =
      typeof error === 'object' && error !== null && 'stderr' in error
        ? String(error.stderr).trim()
        : String(error);
    const full = said.includes('No space left on device');
    throw new EcluseError(full ? 'DISK_FULL' : 'STACK_BROKEN', {
      detail: `initdb failed: ${said}`,
      cause: error,
    });
  } finally {
    await unlink(passwordFile);
  }
  await rename(unfinished, join(home.postgres, 'data'));
}

async function ownFolder(folder: string, user: SystemUser): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (user === undefined) return;
  const { uid } = await stat(folder);
  if (uid !== user.uid) await chown(folder, user.uid, user.gid);
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
