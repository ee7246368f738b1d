import type { Commit } from '../remote/remotes.js';
import type { DeliveryRecord, RunEvidence } from '../runs/run-record.js';
import type { Message } from '../sender/message.js';

/** What the checkers found. `violations` name the invariant first; none: the run holds. */
export interface Judgement {
  /** Messages with a 202. */
  readonly accepted: number;
  /** I1. */
  readonly lost: number;
  /** I2. */
  readonly doubled: number;
  /** Committed calls that a remote recognised by their key: allowed, and counted. */
  readonly absorbed: number;
  /** Accepted messages that ended in a visible state other than success. */
  readonly parked: number;
  /** Share of the accepted messages that are expected to succeed and did, 0 to 1. */
  readonly successes: number;
  readonly violations: readonly string[];
}

export interface JudgeOptions {
  /** Least share of successes. Default 0.95: a run in which everything fails proves nothing. */
  readonly leastSuccesses?: number;
  /** Statuses beyond 202, 409, 413, 429 and 503 that the case provokes on purpose. */
  readonly allowedStatuses?: readonly number[];
}

const FINAL = new Set(['succeeded', 'dead_letter', 'discarded']);
const EXPECTED_COMMITS: Readonly<Record<Message['kind'], readonly Commit['remote'][]>> = {
  pair: ['crm', 'erp'],
  ordered: ['crm', 'erp'],
  keyless: ['notes'],
  poison: [],
};

/** Judges a run by I1 to I5. I6 is judged where operators act. Pure: the same evidence gives the same judgement. */
export function judge(evidence: RunEvidence, options: JudgeOptions = {}): Judgement {
  const facts = factsOf(evidence);
  const lost = facts.filter(isLost);
  const doubled = doubledIds(evidence);
  const countable = facts.filter(({ message }) => message.kind === 'pair' || message.kind === 'ordered');
  const succeeded = countable.filter((fact) => !isLost(fact) && fact.delivery?.state === 'succeeded');
  const successes = countable.length === 0 ? 0 : succeeded.length / countable.length;
  const least = options.leastSuccesses ?? 0.95;
  return {
    accepted: facts.length,
    lost: lost.length,
    doubled: doubled.length,
    absorbed: evidence.commits.filter(({ absorbed }) => absorbed).length,
    parked: facts.filter(({ delivery }) => delivery !== undefined && delivery.state !== 'succeeded').length,
    successes,
    violations: [
      ...named(
        'I1 lost',
        lost.map((fact) => `${fact.message.id} (${fact.delivery?.state ?? 'no row'})`),
      ),
      ...named('I2 doubled', doubled),
      ...named('I2 parked without doubt', parkedForNothing(facts)),
      ...named('I3 out of order', disordered(evidence)),
      ...named('I4 answer', wrongAnswers(evidence, options.allowedStatuses ?? [])),
      ...named('I4 not durable', notDurable(evidence)),
      ...named('I5 canary', evidence.leaks),
      ...(successes >= least
        ? []
        : [`successes: ${(successes * 100).toFixed(1)} %, at least ${(least * 100).toFixed(0)} % asked for`]),
    ],
  };
}

interface Fact {
  message: Message;
  delivery: DeliveryRecord | undefined;
  commits: readonly Commit[];
}

function factsOf({ messages, attempts, deliveries, commits }: RunEvidence): Fact[] {
  const accepted = new Set(attempts.filter(({ result }) => result === 202).map(({ id }) => id));
  const byKey = new Map(deliveries.map((delivery) => [delivery.key, delivery]));
  const byBusinessId = Map.groupBy(commits, ({ businessId }) => businessId);
  return [...new Map(messages.map((each) => [each.id, each])).values()]
    .filter(({ id }) => accepted.has(id))
    .map((message) => ({
      message,
      delivery: byKey.get(message.id),
      commits: byBusinessId.get(message.id) ?? [],
    }));
}

/** Neither done nor in a visible final state; or said to be done, with an effect that the remote never saw. */
function isLost({ message, delivery, commits }: Fact): boolean {
  if (delivery === undefined || !FINAL.has(delivery.state)) return true;
  if (delivery.state !== 'succeeded' || delivery.runs.every(({ triggered }) => triggered === false))
    return false;
  return EXPECTED_COMMITS[message.kind].some((remote) => !commits.some((commit) => commit.remote === remote));
}

/** Two different keys for one message at a remote that honours keys; two commits at one that does not. */
function doubledIds({ commits }: RunEvidence): string[] {
  const groups = Map.groupBy(commits, ({ remote, businessId }) => `${remote} ${businessId}`);
  return [...groups].flatMap(([what, calls]) => {
    const effects =
      calls[0]?.remote === 'notes' ? calls.length : new Set(calls.map(({ callKey }) => callKey)).size;
    return effects > 1 ? [`${what}: ${String(effects)} effects`] : [];
  });
}

/** A write at a remote without keys may be parked for one reason only: nobody knows whether it was made. */
function parkedForNothing(facts: readonly Fact[]): string[] {
  return facts.flatMap(({ message, delivery }) => {
    if (message.kind !== 'keyless' || delivery?.state !== 'dead_letter') return [];
    const others = delivery.deadLetters.filter(({ outcome }) => outcome !== 'ambiguous');
    return others.map(({ code }) => `${message.id} (${code})`);
  });
}

/** First commits of ordered messages, by remote and key: sequence numbers only grow. */
function disordered({ messages, commits }: RunEvidence): string[] {
  const ordered = new Set(messages.filter(({ kind }) => kind === 'ordered').map(({ id }) => id));
  const relevant = commits.filter(({ businessId, absorbed }) => ordered.has(businessId) && !absorbed);
  const groups = Map.groupBy(relevant, ({ remote, orderKey }) => `${remote} ${orderKey}`);
  return [...groups].flatMap(([what, calls]) =>
    calls.some(({ seq }, index) => seq <= (calls[index - 1]?.seq ?? -Infinity))
      ? [`${what}: ${calls.map(({ seq }) => seq).join(' ')}`]
      : [],
  );
}

function wrongAnswers({ attempts }: RunEvidence, allowed: readonly number[]): string[] {
  const known = new Set<number>([202, 409, 413, 429, 503, ...allowed]);
  return attempts.flatMap(({ id, result, retryAfter }) => {
    if (typeof result !== 'number') return [];
    if (!known.has(result)) return [`${id}: ${String(result)}`];
    return result === 503 && retryAfter === undefined ? [`${id}: 503 without Retry-After`] : [];
  });
}

/** Every 202 names a delivery that is stored, and all for one message name the same. */
function notDurable({ attempts, deliveries }: RunEvidence): string[] {
  const stored = new Map(deliveries.map(({ id, key }) => [id, key]));
  return attempts.flatMap(({ id, result, deliveryId }) =>
    result !== 202 || (deliveryId !== undefined && stored.get(deliveryId) === id)
      ? []
      : [`${id}: ${deliveryId ?? 'no id'}`],
  );
}

/** At most three examples, and how many there are. */
function named(invariant: string, found: readonly string[]): string[] {
  if (found.length === 0) return [];
  return [`${invariant} (${String(found.length)}): ${found.slice(0, 3).join('; ')}`];
}
