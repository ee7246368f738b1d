import { toApplicationFailure } from '@ecluse/activity-failure';
import type {
  CallInput,
  ConnectorCallActivities,
  JsonObject,
  JsonValue,
  PlatformInput,
} from '@ecluse/contracts';
import { assertSize, evaluateOver } from '@ecluse/delivery-document';
import { EcluseError } from '@ecluse/errors';
import { idempotencyKeyOf } from '@ecluse/flow-model';
import { attemptEndOf, attemptOf, logAttempt, type Attempt } from './attempt.js';
import { CallRefused } from './call-refused.js';
import { callRemote } from './call-remote.js';
import { credentialOf, findTarget } from './call-target.js';
import type { ConnectorCallDeps } from './connector-call-deps.js';
import { beginEffect, settleEffect } from './effect.js';
import { whileHeartbeating } from './heartbeat.js';

/** Normal activities: one remote call each. Nothing secret leaves them, in either direction. */
export function createConnectorCallActivities(deps: ConnectorCallDeps): ConnectorCallActivities {
  return {
    callConnection: (input) => whileHeartbeating(() => callConnection(deps, input)),
    awaitPlatform: (input) => awaitPlatform(deps, input),
  };
}

async function callConnection(deps: ConnectorCallDeps, input: CallInput): Promise<JsonValue> {
  const attempt = attemptOf(input);
  try {
    return await callOnce(deps, input, attempt);
  } catch (error) {
    throw toApplicationFailure(error, {
      attemptsUsed: attempt.used,
      platformWait: 'workflow',
      ...(error instanceof CallRefused ? error.failureContext() : {}),
    });
  }
}

/** The path of one remote call, top to bottom. */
export async function callOnce(deps: ConnectorCallDeps, input: CallInput, attempt: Attempt): Promise<JsonValue> {
  const target = await findTarget(deps, input);
  const request = await mapInput(deps, input);
  const callKey = idempotencyKeyOf(input.run, input.stepId);

  const effect =
    target.operation.effect === 'read' ? null : await beginEffect(deps, input, callKey, target.repeatable);
  if (effect?.confirmed !== undefined) return mapOutput(deps, input, effect.confirmed.output);

  deps.failpoints.hit('worker.before-call');
  const { result, lease } = await callRemote(deps, input, target, request, callKey, attempt);
  deps.failpoints.hit('worker.before-record');
  const end = attemptEndOf(result, lease, target.repeatable);
  await settleEffect(deps, effect, result, target.repeatable, () => deps.attempts.end(attempt.record, end));
  logAttempt(deps, attempt, end, target.repeatable);
  deps.failpoints.hit('worker.after-record');

  if (!('output' in result)) throw CallRefused.by(result.verdict, target.repeatable);
  return mapOutput(deps, input, result.output);
}

export async function mapInput(deps: ConnectorCallDeps, input: CallInput): Promise<JsonObject> {
  const document = await deps.documents.load(input.run);
  const mapped = await evaluateOver(deps.evaluator, input.call.with, document, input.steps);
  if (typeof mapped === 'object' && mapped !== null && !Array.isArray(mapped)) return mapped;
  throw new EcluseError('MAPPING_FAILED', {
    detail: '`with` has to give an object, the input of the operation',
  });
}

/** Without `output`, a step's output is what the operation returned. */
export async function mapOutput(deps: ConnectorCallDeps, input: CallInput, output: JsonValue): Promise<JsonValue> {
  if (input.call.output === undefined) return assertSize(output);
  const document = await deps.documents.load(input.run);
  return evaluateOver(deps.evaluator, input.call.output, document, input.steps, output);
}

async function awaitPlatform(deps: ConnectorCallDeps, { run, connection }: PlatformInput): Promise<void> {
  await awaitConnection(deps, run.tenant, connection);
}

/** Resolves once a lease and the store can be had; other faults are for the call itself to report. */
export async function awaitConnection(deps: ConnectorCallDeps, tenant: string, name: string): Promise<void> {
  try {
    const connection = await deps.connections.find(tenant, name);
    if (connection === undefined) return;
    await deps.broker.withLease(credentialOf(connection.spec, tenant, name), 0, () => Promise.resolve());
  } catch (error) {
    const failure = toApplicationFailure(error);
    if (failure.nonRetryable !== true) throw failure;
  }
}
