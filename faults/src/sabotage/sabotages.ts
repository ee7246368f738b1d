/** A change to built code that breaks a promise, and the case that has to notice. */
export interface Sabotage {
  readonly name: string;
  /** What the change does, for the matrix. */
  readonly change: string;
  /** Built file below the checkout. */
  readonly file: string;
  /** Must occur in the file, else the sabotage is out of date. */
  readonly replace: RegExp;
  readonly by: string;
  readonly case: string;
  readonly variant: string;
}

const DOOR = 'services/ingress/dist/door/accept-delivery.js';

/** One broken promise each. Nothing is compiled: built files of a copy are edited as text. */
export const SABOTAGES: readonly Sabotage[] = [
  {
    name: 'answer before the commit',
    change: 'the door answers 202 without waiting for the inbox',
    file: DOOR,
    replace: /const outcome = await inbox\.insert\(delivery\);/,
    by: "inbox.insert(delivery).catch(() => undefined); const outcome = { kind: 'inserted', id: delivery.id };",
    case: 'F4',
    variant: 'outage',
  },
  {
    name: 'no Retry-After',
    change: 'the door does not say when to come back',
    file: DOOR,
    replace: /retryAfterSeconds: retryAfterSeconds\(\),?/g,
    by: '',
    case: 'F4',
    variant: 'outage',
  },
  {
    name: 'no duplicate is recognised',
    change: 'every request gets a delivery key of its own',
    file: DOOR,
    replace: /deliveryKey: key,/,
    by: 'deliveryKey: `${key}-${randomUUID()}`,',
    case: 'F15',
    variant: 'copies',
  },
  {
    name: 'the body in the log',
    change: 'the door prints what it received',
    file: DOOR,
    replace: /const id = randomUUID\(\);/,
    by: 'const id = randomUUID(); process.stdout.write(`${request.rawBody.toString().slice(0, 300)}\\n`);',
    case: 'F2',
    variant: 'after-answer',
  },
  {
    name: 'a claim that never ends',
    change: 'what a dead dispatcher had claimed stays claimed',
    file: 'libs/storage/dist/postgres/dispatch-statements.js',
    replace: /\(r\.claimed_until IS NULL OR r\.claimed_until < now\(\)\)/g,
    by: '(r.claimed_until IS NULL)',
    case: 'F2',
    variant: 'dispatch.before-start',
  },
  {
    name: 'the intention is not looked at',
    change: 'a write without idempotency is made again after a doubt',
    file: 'activities/connector-call/dist/effect.js',
    replace: /if \(repeatable \|\| !\(known\.state === 'unknown' \|\| known\.again\)\)/,
    by: 'if (true)',
    case: 'F1',
    variant: 'worker.after-call',
  },
  {
    name: 'another key at every attempt',
    change: 'the remote gets a fresh idempotency key per attempt',
    file: 'libs/connectors/sql/dist/parameters.js',
    replace: /call: \{ key: callKey \}/,
    by: 'call: { key: `${callKey}-${Math.random()}` }',
    case: 'F1',
    variant: 'worker.after-call',
  },
  {
    name: 'a revoked user is used again',
    change: 'a refused credential stays in the cache',
    file: 'activities/connector-call/dist/call-remote.js',
    replace: /deps\.broker\.invalidate\(answer\.lease\.leaseRef\);/,
    by: '',
    case: 'F8',
    variant: 'S',
  },
];
