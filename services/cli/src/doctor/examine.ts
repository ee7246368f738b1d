import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ERRORS, isEcluseError } from '@ecluse/errors';
import {
  checkStack,
  findSupervisor,
  locateServer,
  machinePorts,
  MIN_FREE_BYTES,
  PORT_NAMES,
  readStatus,
  requestedPorts,
  type StackHome,
} from '@ecluse/local-stack';

/** One thing that was looked at. `idle`: not running, which is no fault. */
export interface Finding {
  readonly subject: string;
  readonly verdict: 'good' | 'idle' | 'broken';
  readonly detail: string;
  readonly remedy?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Looks at Node, the disk, the two servers, the ports that the user set, and at every part that runs. Never throws. */
export async function examine(home: StackHome, environment: Environment): Promise<Finding[]> {
  return [node(), await disk(home), ...(await servers(environment)), ...(await parts(home, environment))];
}

function node(): Finding {
  const [major = 0] = process.versions.node.split('.').map(Number);
  const detail = `version ${process.versions.node}`;
  if (major >= 24) return { subject: 'node', verdict: 'good', detail };
  return {
    subject: 'node',
    verdict: 'broken',
    detail,
    remedy: 'start through `npm start` or `npx ecluse`, which bring Node 24',
  };
}

async function disk(home: StackHome): Promise<Finding> {
  const found = await statfs(home.root).catch(() => statfs(dirname(home.root)));
  const free = found.bavail * found.bsize;
  const detail = `${String(Math.floor(free / 2 ** 20))} MiB free for ${home.root}`;
  if (free >= MIN_FREE_BYTES) return { subject: 'disk', verdict: 'good', detail };
  return { subject: 'disk', verdict: 'broken', detail, remedy: ERRORS.DISK_FULL.remedy };
}

async function servers(environment: Environment): Promise<Finding[]> {
  return Promise.all(
    (['temporal', 'vault'] as const).map(async (part): Promise<Finding> => {
      const subject = `program ${part}`;
      try {
        const found = await locateServer(part, { env: environment });
        if (found !== undefined)
          return { subject, verdict: 'good', detail: `${found.version}, ${found.path}` };
        return {
          subject,
          verdict: 'idle',
          detail: 'not built yet',
          remedy: 'the next `npm start` builds it with Go',
        };
      } catch (error) {
        const detail = isEcluseError(error) ? error.message : String(error);
        return { subject, verdict: 'broken', detail, remedy: ERRORS.TOOLCHAIN_MISSING.remedy };
      }
    }),
  );
}

async function parts(home: StackHome, environment: Environment): Promise<Finding[]> {
  const [status, supervisor] = await Promise.all([readStatus(home), findSupervisor(home)]);
  if (status === undefined || supervisor === undefined) {
    const detail = `not running on ${home.root}`;
    return [
      { subject: 'stack', verdict: 'idle', detail, remedy: 'npm start' },
      ...(await ports(environment)),
    ];
  }
  const checks = await checkStack(home, status);
  return checks.map(({ name, healthy, detail, remedy }) => ({
    subject: name,
    verdict: healthy ? 'good' : 'broken',
    detail,
    ...(remedy === undefined ? {} : { remedy }),
  }));
}

/** Only ports that the user set can be a fault: a busy default is replaced by a free port. */
async function ports(environment: Environment): Promise<Finding[]> {
  const requested = requestedPorts({}, environment);
  const findings = PORT_NAMES.map(async (name): Promise<Finding | undefined> => {
    const port = requested[name];
    if (port === undefined || (await machinePorts.isFree(port))) return undefined;
    const holder = (await machinePorts.describeHolder(port)) ?? 'another process';
    return {
      subject: `port ${String(port)}`,
      verdict: 'broken',
      detail: `used by ${holder}`,
      remedy: ERRORS.PORT_IN_USE.remedy,
    };
  });
  return (await Promise.all(findings)).filter((finding) => finding !== undefined);
}
