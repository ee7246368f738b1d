import { toApplicationFailure } from '@ecluse/activity-failure';
import type { CallInput, ConnectorCallActivities, JsonObject, JsonValue } from '@ecluse/contracts';
import { assertSize, evaluateOver } from '@ecluse/delivery-document';
import { EcluseError } from '@ecluse/errors';
import { idempotencyKeyOf } from '@ecluse/flow-model';
import { awaitPlatform } from './await-connection.js';
import { attemptEndOf, attemptOf, logAttempt, type Attempt } from './attempt.js';
import { CallRefused } from './call-refused.js';
import { callRemote } from './call-remote.js';
import { findTarget, type CallTarget } from './call-target.js';
import type { CircuitPass } from './circuit/connection-circuits.js';
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

/**
 * One try of a call inside another local activity, numbered as the next one of its step however often that activity
 * was tried. Throws an ApplicationFailure.
 */
export function createFirstTry(deps: ConnectorCallDeps): (input: CallInput) => Promise<JsonValue> {
  return (input) => callConnection(deps, input, 1);
}

async function callConnection(deps: ConnectorCallDeps, input: CallInput, tries?: number): Promise<JsonValue> {
  const attempt = attemptOf(input, tries);
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
export async function callOnce(
  deps: ConnectorCallDeps,
  input: CallInput,
  attempt: Attempt,
): Promise<JsonValue> {
  const target = await findTarget(deps, input);
  const request = await mapInput(deps, input);
  // Before the intention is recorded: a call that is held was never made.
  const pass = await deps.circuits.assertPasses(input.run.tenant, input.call.connection);
  try {
    return await callThrough(deps, input, attempt, { target, request, pass });
  } finally {
    pass.release();
  }
}

interface AdmittedCall {
  target: CallTarget;
  request: JsonObject;
  pass: CircuitPass;
}

async function callThrough(
  deps: ConnectorCallDeps,
  input: CallInput,
  attempt: Attempt,
  { target, request, pass }: AdmittedCall,
): Promise<JsonValue> {
  const callKey = idempotencyKeyOf(input.run, input.stepId);

  const effect =
    target.operation.effect === 'read' ? null : await beginEffect(deps, input, callKey, target.repeatable);
  if (effect?.confirmed !== undefined) return mapOutput(deps, input, effect.confirmed.output);

  deps.failpoints.hit('worker.before-call');
  const { result, lease } = await callRemote(deps, input, target, request, callKey, attempt);
  deps.failpoints.hit('worker.before-record');
  await pass.report(result.verdict);
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
export async function mapOutput(
  deps: ConnectorCallDeps,
  input: CallInput,
  output: JsonValue,
): Promise<JsonValue> {
  if (input.call.output === undefined) return assertSize(output);
  const document = await deps.documents.load(input.run);
  return evaluateOver(deps.evaluator, input.call.output, document, input.steps, output);
}
