import { setTimeout as pause } from 'node:timers/promises';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Behaviour } from '../proxy/behaviour.js';
import { ChaosProxy } from '../proxy/chaos-proxy.js';
import type { CaseContext } from '../runs/case-context.js';
import type { FaultResult } from '../runs/fault-result.js';
import { runS, type Fault } from '../runs/run-s.js';
import type { Overrides } from '../stack/service-settings.js';
import type { FaultCase, Variant } from './fault-case.js';

/** Links that a proxy is put on. */
export const LINKS = [
  'ingress-temporal',
  'worker-temporal',
  'worker-postgres',
  'worker-vault',
  'worker-remote',
] as const;
type Link = (typeof LINKS)[number];
/** Ways in which a link goes bad. */
const KINDS = ['slow', 'resets', 'narrow', 'half-open', 'partition', 'asymmetric'] as const;
type Kind = (typeof KINDS)[number];
/** What a quick run breaks. */
const QUICK: readonly `${Link} ${Kind}`[] = [
  'ingress-temporal half-open',
  'worker-temporal partition',
  'worker-postgres resets',
];
/** What a full run breaks: every link once, but the one to the remote, which F14 breaks; the thorough form breaks every link in every way. */
const FULL: typeof QUICK = [...QUICK, 'worker-vault asymmetric'];
/** Seconds. */
const BROKEN_SECONDS = { quick: 6, full: 20, thorough: 60 } as const;
const BAD: Readonly<Record<Exclude<Kind, 'half-open'>, Behaviour>> = {
  slow: { latencyMs: 200, jitterMs: 50 },
  resets: { resetShare: 0.01 },
  narrow: { bytesPerSecond: 65_536 },
  partition: { silent: ['up', 'down'] },
  asymmetric: { silent: ['down'] },
};

export const F10: FaultCase = {
  id: 'F10',
  fault:
    'a bad network: +200 ms ± 50, 1 % resets, 64 kB/s, half-open, partition, asymmetric; for 60 s (full: 20 s, quick: 6 s)',
  means: 'TCP chaos proxy on one link at a time',
  notCovered: 'packets are held, not lost: a kernel that drops them is not to be had here',
  variants: LINKS.flatMap((link) =>
    KINDS.map((kind): Variant => ({
      name: `${link} ${kind}`,
      runs: {
        quick: QUICK.includes(`${link} ${kind}`) ? 1 : 0,
        full: FULL.includes(`${link} ${kind}`) ? 1 : 0,
        thorough: 5,
      },
      run: (context) => onLink(context, link, (proxy) => breakLink(context, proxy, kind)),
    })),
  ),
};

function breakLink({ form }: CaseContext, proxy: ChaosProxy, kind: Kind): Fault {
  return async () => {
    if (kind === 'half-open') proxy.halfOpen();
    else proxy.behave(BAD[kind]);
    await pause(BROKEN_SECONDS[form] * 1_000);
    proxy.behave();
    return { progress: { since: Date.now(), limitMs: 30_000 } };
  };
}

/** Run S with a proxy on a link, and the plain link again afterwards. */
async function onLink(
  context: CaseContext,
  link: Link,
  fault: (proxy: ChaosProxy) => Fault,
): Promise<FaultResult> {
  const { stack, product, random } = context;
  const { postgres, vault, temporal } = stack.ports;
  const target = { postgres, vault, temporal, remote: postgres }[link.split('-')[1] as 'vault'];
  const proxy = await ChaosProxy.start(target, random);
  const service = link.startsWith('ingress') ? 'ingress' : 'worker';
  try {
    if (link === 'worker-remote') await product.putConnections(proxy.port);
    else await stack.reconfigure([service], await through(context, link, proxy.port));
    return await runS(context, { leastSuccesses: 1, fault: fault(proxy), drainSeconds: 30 });
  } finally {
    proxy.behave();
    if (link === 'worker-remote') await product.putConnections(postgres);
    else await stack.reconfigure([service], {});
    await proxy.stop();
  }
}

/** Settings that lead a service through the proxy. */
async function through(
  { stack }: CaseContext,
  link: Exclude<Link, 'worker-remote'>,
  port: number,
): Promise<Overrides> {
  const address = `127.0.0.1:${String(port)}`;
  if (link === 'ingress-temporal') return { ingress: { ECLUSE_TEMPORAL_ADDRESS: address } };
  if (link === 'worker-temporal') return { worker: { ECLUSE_TEMPORAL_ADDRESS: address } };
  if (link === 'worker-vault') return { worker: { ECLUSE_VAULT_ADDR: `http://${address}` } };
  const url = new URL(await stack.secret('worker-database-url'));
  url.port = String(port);
  const file = join(stack.home.secrets, 'worker-proxy-database-url');
  await writeFile(file, `${url.href}\n`, { mode: 0o600 });
  return { worker: { ECLUSE_WORKER_DATABASE_URL_FILE: file } };
}

/** How the answers of the remote go wrong, and for how long. Milliseconds. */
const ANSWERS: readonly (readonly [string, Behaviour])[] = [
  ['committed, answer dropped', { dropAnswersAfter: 'COMMIT' }],
  ['dropped', { dropped: ['down'] }],
  ['stalled', { silent: ['down'] }],
  ['one byte a second', { bytesPerSecond: 1 }],
];

const QUICK_ANSWERS = ['committed, answer dropped'];

export const F14: FaultCase = {
  id: 'F14',
  fault: 'the remote commits and its answer is dropped; answers that stall; one byte a second',
  means: 'TCP chaos proxy between worker and remote',
  notCovered: 'gzip, UTF-8, HTML, redirects and 100 MB answers are HTTP: they come with the rest connector',
  variants: ANSWERS.map(([name, behaviour]): Variant => ({
    name,
    runs: {
      quick: QUICK_ANSWERS.includes(name) ? 1 : 0,
      full: QUICK_ANSWERS.includes(name) ? 1 : 0,
      thorough: 5,
    },
    run: (context) =>
      onLink(context, 'worker-remote', (proxy) => async () => {
        proxy.behave(behaviour);
        await pause(context.quick ? 5_000 : 20_000);
        // What was dropped or half sent leaves sessions that no protocol can go on with.
        proxy.reset();
        proxy.behave();
        return { progress: { since: Date.now(), limitMs: 30_000 } };
      }),
  })),
};
