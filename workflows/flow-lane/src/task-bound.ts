import { workflowInfo } from '@temporalio/workflow';

/** Runs within one workflow task, which the engine gives up after 10 s. */
const RUNS_PER_TASK = 5;

/**
 * A lane of short steps would run within one workflow task for as long as there is work: signals would not reach it
 * meanwhile, and a killed worker would repeat all of it. Where steps are normal activities the task ends by itself,
 * and the history grows.
 */
export class TaskBound {
  #runs = 0;
  #historyLength = workflowInfo().historyLength;

  /** Counts one more run. True when the task has to end with it. */
  reachedByNext(): boolean {
    const { historyLength } = workflowInfo();
    if (historyLength !== this.#historyLength) this.#runs = 0;
    this.#historyLength = historyLength;
    this.#runs += 1;
    return this.#runs >= RUNS_PER_TASK;
  }
}
