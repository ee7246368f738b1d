import { sleep, workflowInfo } from '@temporalio/workflow';

/** Runs within one workflow task, which the engine gives up after 10 s. */
const RUNS_PER_TASK = 5;

/**
 * A lane of short steps would run within one workflow task for as long as there is work: signals would not reach it
 * meanwhile, and a killed worker would repeat all of it. After some runs the task is ended by a timer of no length.
 * Where steps are normal activities the task ends by itself, and the history grows.
 */
export class TaskBound {
  #runs = 0;
  #historyLength = workflowInfo().historyLength;

  async keep(): Promise<void> {
    this.#runs += 1;
    const { historyLength } = workflowInfo();
    if (historyLength === this.#historyLength && this.#runs < RUNS_PER_TASK) return;
    if (historyLength === this.#historyLength) await sleep(1);
    this.#runs = 0;
    this.#historyLength = workflowInfo().historyLength;
  }
}
