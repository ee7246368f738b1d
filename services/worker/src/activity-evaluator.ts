import { Context } from '@temporalio/activity';
import type { MappingEvaluator } from '@ecluse/mapping';

/**
 * Ties evaluations to the activity that asks for them: one that is cancelled or has timed out gives its place in the
 * sandbox back, so that its retry does not queue behind it. Evaluates within activities only.
 */
export function activityEvaluator(evaluator: MappingEvaluator): MappingEvaluator {
  return {
    ...evaluator,
    evaluate: (expression, input, bindings) =>
      evaluator.evaluate(expression, input, bindings, Context.current().cancellationSignal),
  };
}
