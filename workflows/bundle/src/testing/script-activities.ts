import { Context } from '@temporalio/activity';
import type { FlowRunActivities, JsonValue, OpenedRun, RunResult } from '@ecluse/contracts';
import { failure, type FlowBehaviour } from './flow-behaviours.js';

/** Activities of one behaviour, with what was recorded. */
export interface ScriptedActivities {
  activities: FlowRunActivities;
  closed: RunResult[];
  callsMade: { stepId: string; attemptsUsed: number; isLocal: boolean }[];
  platformWaits: () => number;
}

export function scriptActivities(behaviour: FlowBehaviour): ScriptedActivities {
  const closed: RunResult[] = [];
  const callsMade: ScriptedActivities['callsMade'] = [];
  let waits = 0;
  const remaining = structuredCloneOf(behaviour.calls ?? {});
  const activities: FlowRunActivities = {
    openRun: async () => {
      if (behaviour.doneAtOnce !== true) return openedAs(behaviour);
      const result = { state: 'succeeded', triggered: true } as const;
      closed.push(result);
      return { ended: true, result };
    },
    evaluate: async ({ expression }) => answer(behaviour.evaluations?.[expression]),
    closeRun: async (_run, result) => {
      closed.push(result);
    },
    callConnection: async ({ stepId, attemptsUsed }) => {
      callsMade.push({ stepId, attemptsUsed, isLocal: Context.current().info.isLocal });
      const answers = remaining[stepId] ?? [];
      return answer(answers.length > 1 ? answers.shift() : answers[0]);
    },
    awaitPlatform: async () => {
      waits += 1;
    },
  };
  return { activities, closed, callsMade, platformWaits: () => waits };
}

function openedAs({ triggered, steps, local, attemptsMade, progress }: FlowBehaviour): OpenedRun {
  if (triggered === false) return { triggered };
  return {
    triggered: true,
    steps,
    ...(local === undefined ? {} : { local }),
    ...(attemptsMade === undefined ? {} : { attemptsMade }),
    ...(progress === undefined ? {} : { progress }),
  };
}

function structuredCloneOf(
  calls: Record<string, (JsonValue | Error)[]>,
): Record<string, (JsonValue | Error)[]> {
  return Object.fromEntries(Object.entries(calls).map(([stepId, answers]) => [stepId, [...answers]]));
}

function answer(value: JsonValue | Error | undefined): JsonValue {
  if (value === undefined) throw failure('ECL-6011', { reason: 'not scripted' }, true);
  if (value instanceof Error) throw value;
  return value;
}
