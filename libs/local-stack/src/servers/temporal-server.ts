import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DEFAULT_NAMESPACE, SEARCH_ATTRIBUTES } from '@ecluse/contracts';
import type { StackHome } from '../stack-home.js';
import { launchServer, type RunningServer, type SpawnHook } from './server-process.js';

const run = promisify(execFile);

/** How to start Temporal's development server. */
export interface TemporalServerOptions {
  readonly home: StackHome;
  /** The `temporal` program, from `resolveToolchain`. */
  readonly binary: string;
  /** gRPC. */
  readonly port: number;
  /** Web UI; without it the server is headless. */
  readonly uiPort?: number;
  /** Default `ecluse`. Made when it does not exist. */
  readonly namespace?: string;
  readonly onSpawn?: SpawnHook;
}

/** A running Temporal. */
export interface TemporalServer extends RunningServer {
  /** `host:port` of gRPC. */
  readonly address: string;
  readonly namespace: string;
  /** `http://host:port`, unless headless. It has no login: only the operator listener may be shown to people. */
  readonly uiUrl?: string;
}

const ATTRIBUTE_TYPES = {
  [SEARCH_ATTRIBUTES.tenant]: 'Keyword',
  [SEARCH_ATTRIBUTES.flow]: 'Keyword',
  [SEARCH_ATTRIBUTES.flowVersion]: 'Int',
  [SEARCH_ATTRIBUTES.replayOf]: 'Keyword',
};

/**
 * Starts Temporal with its state in one SQLite file under `home.temporal`; ready when namespace and search
 * attributes can be used. A kill loses no acknowledged start, a power cut may lose the last commits.
 * Throws PORT_IN_USE, STACK_BROKEN or DISK_FULL.
 */
export async function startTemporal(options: TemporalServerOptions): Promise<TemporalServer> {
  const { home, binary, port, uiPort, namespace = DEFAULT_NAMESPACE } = options;
  const address = `127.0.0.1:${String(port)}`;
  const server = await launchServer({
    name: 'temporal',
    command: binary,
    args: serverArguments(options, namespace),
    cwd: home.temporal,
    ports: uiPort === undefined ? [port] : [port, uiPort],
    // Its own settings file of a developer must not change what the stack does.
    env: withoutTemporalSettings(process.env),
    logs: home.logs,
    ready: () => isUsable(binary, address, namespace),
    ...(options.onSpawn === undefined ? {} : { onSpawn: options.onSpawn }),
  });
  return {
    ...server,
    address,
    namespace,
    ...(uiPort === undefined ? {} : { uiUrl: `http://127.0.0.1:${String(uiPort)}` }),
  };
}

function serverArguments({ home, port, uiPort }: TemporalServerOptions, namespace: string): string[] {
  const ui =
    uiPort === undefined
      ? ['--headless']
      : [
          '--ui-ip',
          '127.0.0.1',
          '--ui-port',
          String(uiPort),
          '--ui-codec-endpoint',
          '/codec',
          '--ui-disable-news-fetch',
        ];
  const attributes = Object.entries(ATTRIBUTE_TYPES).flatMap(([name, type]) => [
    '--search-attribute',
    `${name}=${type}`,
  ]);
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--namespace', namespace],
    ...['--db-filename', join(home.temporal, 'temporal.db')],
    ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL'],
    ...['--dynamic-config-value', 'system.enableActivityEagerExecution=true'],
    ...['--dynamic-config-value', 'matching.enableFairness=true'],
    ...['--log-level', 'warn', '--log-format', 'json'],
    ...attributes,
    ...ui,
  ];
}

async function isUsable(binary: string, address: string, namespace: string): Promise<boolean> {
  const args = [
    'operator',
    'search-attribute',
    'list',
    '--address',
    address,
    '--namespace',
    namespace,
    '-o',
    'json',
  ];
  const { stdout } = await run(binary, args, { timeout: 5_000, env: withoutTemporalSettings(process.env) });
  return Object.keys(ATTRIBUTE_TYPES).every((name) => stdout.includes(`"${name}"`));
}

function withoutTemporalSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_'));
  return { ...Object.fromEntries(kept), TEMPORAL_CONFIG_FILE: '/dev/null' };
}
