import type { Recipe, ServerPart } from './recipes.js';

/** Where a build stands. Given at each step, at least once a second. */
export interface BuildProgress {
  readonly part: ServerPart;
  /** Program being built. */
  readonly what: string;
  /** 1-based. */
  readonly step: number;
  readonly total: number;
  readonly elapsedMs: number;
  /** Last line that the build printed; empty before the first. */
  readonly lastLine: string;
}

interface ProgressClock {
  readonly next: () => void;
  readonly line: (text: string) => void;
  readonly stop: () => void;
}

/** Reports every second until stopped. */
export function startProgress(recipe: Recipe, report?: (progress: BuildProgress) => void): ProgressClock {
  const started = Date.now();
  let step = 0;
  let lastLine = '';
  const tell = (): void => {
    const what = recipe.steps[step - 1]?.output ?? recipe.part;
    report?.({
      part: recipe.part,
      what,
      step,
      total: recipe.steps.length,
      elapsedMs: Date.now() - started,
      lastLine,
    });
  };
  const timer = setInterval(tell, 1_000);
  return {
    next: () => {
      step += 1;
      tell();
    },
    line: (text) => {
      lastLine = text;
    },
    stop: () => {
      clearInterval(timer);
    },
  };
}
