import { EcluseError } from '@ecluse/errors';

/** Default ports of the local stack, all on loopback. */
export const DEFAULT_PORTS = {
  door: 8700,
  adminApi: 8701,
  operatorUi: 8702,
  temporal: 8703,
  temporalUi: 8704,
  vault: 8705,
  vaultCluster: 8706,
  postgres: 8707,
  workerHealth: 8708,
  ingressMetrics: 8710,
  workerMetrics: 8711,
  adminMetrics: 8712,
} as const;

/** Listeners of the local stack. */
export type PortName = keyof typeof DEFAULT_PORTS;
export type PortMap = Readonly<Record<PortName, number>>;
export const PORT_NAMES = Object.keys(DEFAULT_PORTS) as PortName[];

/** Environment variable and flag by which a user sets a port. */
export function portVariable(name: PortName): string {
  return `ECLUSE_PORT_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}
export function portFlag(name: PortName): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}-port`;
}

/** What the planner needs to know about the machine. */
export interface PortProbe {
  isFree(port: number): Promise<boolean>;
  /** A free port that the system chooses. */
  findFree(): Promise<number>;
  /** The process that listens there, for a message: `pid 41 (node x.js)`. */
  describeHolder(port: number): Promise<string | undefined>;
}

export interface PortWishes {
  /** Ports that the user set; a busy one is an error. */
  readonly requested: Partial<PortMap>;
  /** Ports that this data folder used last; preferred over the defaults. */
  readonly previous: Partial<PortMap>;
}

export interface PortPlan {
  readonly ports: PortMap;
  /** One sentence for every port that is not the expected one. */
  readonly notes: readonly string[];
}

/**
 * Chooses a port for every listener: the requested one, else the previous one, else the default, else a free
 * one with a note. Throws `PORT_IN_USE` (ECL-7003) naming the holder, `CONFIG_INVALID` for a port asked for twice.
 */
export async function planPorts(wishes: PortWishes, probe: PortProbe): Promise<PortPlan> {
  refuseTwice(wishes.requested);
  const taken = new Set<number>();
  const notes: string[] = [];
  const ports: Partial<Record<PortName, number>> = {};
  for (const name of PORT_NAMES) {
    const requested = wishes.requested[name];
    if (requested === undefined) continue;
    if (!(await probe.isFree(requested))) throw await portInUse(name, requested, probe);
    taken.add(requested);
    ports[name] = requested;
  }
  for (const name of PORT_NAMES.filter((each) => ports[each] === undefined)) {
    const wanted = wishes.previous[name] ?? DEFAULT_PORTS[name];
    const port = await firstFree([wanted, DEFAULT_PORTS[name]], taken, probe);
    if (port !== wanted) notes.push(await noteFor(name, wanted, port, taken, probe));
    taken.add(port);
    ports[name] = port;
  }
  return { ports: ports as PortMap, notes };
}

async function firstFree(candidates: number[], taken: Set<number>, probe: PortProbe): Promise<number> {
  for (const candidate of candidates) {
    if (!taken.has(candidate) && (await probe.isFree(candidate))) return candidate;
  }
  for (;;) {
    const port = await probe.findFree();
    if (!taken.has(port)) return port;
  }
}

async function noteFor(
  name: PortName,
  wanted: number,
  port: number,
  taken: Set<number>,
  probe: PortProbe,
): Promise<string> {
  const holder = taken.has(wanted) ? 'another part of this stack' : await probe.describeHolder(wanted);
  return `port ${String(wanted)} (${name}) is used by ${holder ?? 'another process'}; using ${String(port)} instead`;
}

async function portInUse(name: PortName, port: number, probe: PortProbe): Promise<EcluseError> {
  const holder = (await probe.describeHolder(port)) ?? 'a process that this user may not see';
  return new EcluseError('PORT_IN_USE', {
    detail: `port ${String(port)} (${portFlag(name)} or ${portVariable(name)}) is used by ${holder}`,
  });
}

function refuseTwice(requested: Partial<PortMap>): void {
  const byPort = new Map<number, PortName>();
  for (const name of PORT_NAMES) {
    const port = requested[name];
    if (port === undefined) continue;
    const other = byPort.get(port);
    if (other !== undefined) {
      throw new EcluseError('CONFIG_INVALID', {
        detail: `${portFlag(other)} and ${portFlag(name)} ask for the same port ${String(port)}`,
      });
    }
    byPort.set(port, name);
  }
}

/** Reads ports set by the user: flags win over variables. Throws `CONFIG_INVALID` for anything but 1..65535. */
export function requestedPorts(
  flags: Partial<Readonly<Record<`${PortName}Port`, string>>>,
  environment: Readonly<Record<string, string | undefined>>,
): Partial<PortMap> {
  const requested: Partial<Record<PortName, number>> = {};
  for (const name of PORT_NAMES) {
    const flag = flags[`${name}Port`];
    const value = flag ?? environment[portVariable(name)];
    if (value === undefined || value === '') continue;
    requested[name] = parsePort(value, flag === undefined ? portVariable(name) : portFlag(name));
  }
  return requested;
}

function parsePort(text: string, origin: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) {
    throw new EcluseError('CONFIG_INVALID', {
      detail: `${origin}: expected a port, an integer from 1 to 65535`,
    });
  }
  return port;
}
