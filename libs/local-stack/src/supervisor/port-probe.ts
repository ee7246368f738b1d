import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { promisify } from 'node:util';
import type { PortProbe } from './port-plan.js';
import { freePort } from '../servers/free-port.js';
import { describeProcess } from './describe-process.js';

/** Looks at the loopback ports of this machine. */
export const machinePorts: PortProbe = { isFree, findFree: freePort, describeHolder };

const LOOPBACK = '127.0.0.1';

/** Both ways are needed: on macOS a port bound on all addresses can still be bound on loopback. */
async function isFree(port: number): Promise<boolean> {
  if (await answers(port)) return false;
  return listenOnce(port).then(
    () => true,
    () => false,
  );
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: LOOPBACK, port, timeout: 500 });
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => {
      settle(true);
    });
    socket.once('error', () => {
      settle(false);
    });
    socket.once('timeout', () => {
      settle(false);
    });
  });
}

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host: LOOPBACK, port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  });
}

/** `pid 41 (node x.js)`; undefined when the system does not tell (a process of another user). */
async function describeHolder(port: number): Promise<string | undefined> {
  const pid = process.platform === 'linux' ? await holderFromProc(port) : await holderFromLsof(port);
  if (pid === undefined) return undefined;
  return describeProcess(pid);
}

async function holderFromLsof(port: number): Promise<number | undefined> {
  const found = await promisify(execFile)('lsof', [
    '-nP',
    `-iTCP:${String(port)}`,
    '-sTCP:LISTEN',
    '-t',
  ]).catch(() => undefined);
  const pid = Number(found?.stdout.split('\n')[0]);
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

async function holderFromProc(port: number): Promise<number | undefined> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((file) => readFile(file, 'utf8').catch(() => '')),
  );
  const inodes = new Set(
    tables.flatMap((table) => listeningInodes(table, port)).map((inode) => `socket:[${inode}]`),
  );
  if (inodes.size === 0) return undefined;
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    if (await holdsSocket(pid, inodes)) return Number(pid);
  }
  return undefined;
}

async function holdsSocket(pid: string, sockets: ReadonlySet<string>): Promise<boolean> {
  const files = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const links = await Promise.all(files.map((file) => readlink(`/proc/${pid}/fd/${file}`).catch(() => '')));
  return links.some((link) => sockets.has(link));
}

/** Inodes of sockets that listen on `port`, from the text of `/proc/net/tcp`. State 0A is LISTEN. */
export function listeningInodes(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(suffix) === true && fields[3] === '0A')
    .map((fields) => fields[9] ?? '')
    .filter((inode) => inode !== '' && inode !== '0');
}
