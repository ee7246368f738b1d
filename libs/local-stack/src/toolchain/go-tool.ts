import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { EcluseError } from '@ecluse/errors';
import { onPath } from './installed.js';
import { isAtLeast } from './version.js';

/** A Go tool that can build the modules in `folder`. */
export interface GoTool {
  readonly binary: string;
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface GoRun {
  readonly signal?: AbortSignal;
  readonly onLine?: (line: string) => void;
}

/** Finds Go on PATH. Throws TOOLCHAIN_MISSING without Go, or when it is older than `least` and cannot renew itself. */
export async function findGo(folder: string, least: string, env: NodeJS.ProcessEnv): Promise<GoTool> {
  const binary = await onPath(process.platform === 'win32' ? 'go.exe' : 'go', env);
  if (binary === undefined) throw new EcluseError('TOOLCHAIN_MISSING', { detail: 'Go is not on PATH.' });
  const pinned = { CGO_ENABLED: '0', GOFLAGS: '-mod=readonly -buildvcs=false', GOWORK: 'off' };
  const go: GoTool = { binary, folder, env: { ...env, ...pinned } };
  // In the module's folder, where Go 1.21 and newer fetch the release that go.mod asks for.
  const said = await runGo(go, ['version']);
  if (isAtLeast(said, least)) return go;
  throw new EcluseError('TOOLCHAIN_MISSING', {
    detail: `Go ${least} or newer is needed; found: ${said.trim()}.`,
  });
}

/**
 * Runs Go in its own process group and gives its output. Ended, with its compilers, when `signal` aborts.
 * Throws TOOLCHAIN_MISSING with Go's last lines, or DISK_FULL.
 */
export async function runGo(
  go: GoTool,
  args: readonly string[],
  { signal, onLine }: GoRun = {},
): Promise<string> {
  signal?.throwIfAborted();
  const child = spawn(go.binary, args, {
    cwd: go.folder,
    env: go.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = (): void => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  };
  signal?.addEventListener('abort', end, { once: true });
  const lines: string[] = [];
  const take = (line: string): void => {
    if (lines.push(line) > 20) lines.shift();
    onLine?.(line);
  };
  createInterface({ input: child.stdout }).on('line', take);
  createInterface({ input: child.stderr }).on('line', take);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).finally(() => signal?.removeEventListener('abort', end));
  signal?.throwIfAborted();
  const output = lines.join('\n');
  if (code === 0) return output;
  const full = output.includes('no space left on device');
  throw new EcluseError(full ? 'DISK_FULL' : 'TOOLCHAIN_MISSING', {
    detail: `go ${args[0] ?? ''} failed:\n${output}`,
  });
}
