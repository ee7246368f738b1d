import { derivedSeed, seededRandom } from './seeded-random.js';
import type { Form } from './arguments.js';
import type { FaultCase, Variant } from './cases/fault-case.js';
import { ForeignCpu } from './foreign-cpu.js';
import type { OpenScene, Scene } from './runs/case-context.js';
import type { FaultResult } from './runs/fault-result.js';

/** A run, and how much of the machine strangers used meanwhile: 0 to 1. */
export interface MeasuredResult extends FaultResult {
  readonly foreignCpu: number;
}
/** Above this share, missed times are reported and do not fail a run. */
export const QUIET_SHARE = 0.1;

/** Whether a run shows what it has to show. */
export function passes({ violations, late, foreignCpu }: MeasuredResult): boolean {
  return violations.length === 0 && (late.length === 0 || foreignCpu > QUIET_SHARE);
}

/** All runs of one variant. */
export interface VariantResult {
  readonly case: string;
  readonly variant: string;
  readonly runs: readonly MeasuredResult[];
  /** What a run threw instead of ending; it counts as a failure. */
  readonly errors: readonly string[];
  readonly seconds: number;
}

export interface RunCaseOptions {
  readonly form: Form;
  /** See `CaseContext`. */
  readonly hurried?: boolean;
  readonly seed: number;
  readonly repeat: number | undefined;
  readonly say: (text: string) => void;
  /** Starts another stack of the build under test. */
  readonly openScene: (home: string) => Promise<OpenScene>;
}

/** Runs every variant of a case as often as its form says. Never throws for what a run does. */
export async function runCase(
  scene: Scene,
  faultCase: FaultCase,
  options: RunCaseOptions,
): Promise<VariantResult[]> {
  const results: VariantResult[] = [];
  for (const variant of faultCase.variants) {
    const begun = performance.now();
    const { runs, errors } = await runVariant(scene, faultCase, variant, options);
    const seconds = (performance.now() - begun) / 1000;
    if (runs.length + errors.length > 0)
      results.push({ case: faultCase.id, variant: variant.name, runs, errors, seconds });
  }
  return results;
}

async function runVariant(
  scene: Scene,
  { id }: FaultCase,
  variant: Variant,
  { form, hurried = false, seed, repeat, say, openScene }: RunCaseOptions,
): Promise<Pick<VariantResult, 'runs' | 'errors'>> {
  const planned = variant.runs[form];
  const runs: MeasuredResult[] = [];
  const errors: string[] = [];
  for (let index = 0; index < (planned === 0 ? 0 : (repeat ?? planned)); index += 1) {
    // The first run has the suite's own seed, so that `--only F1 --seed N` makes a printed run again.
    const runSeed = index === 0 ? seed : derivedSeed(seed, index);
    const name = `${id} ${variant.name}`;
    const prefix = `${id}-${variant.name}-${runSeed.toString(36)}-${Date.now().toString(36)}`
      .toLowerCase()
      .replaceAll(/[^a-z0-9-]/g, '-');
    const cpu = new ForeignCpu(() => scene.stack.groups);
    try {
      const tools = {
        openScene,
        form,
        quick: form === 'quick',
        hurried,
        seed: runSeed,
        random: seededRandom(runSeed),
        prefix,
        canary: scene.canaries.get('personal text') ?? '',
      };
      const found = await variant.run({
        ...scene,
        ...tools,
        say: (text) => {
          say(`${name}: ${text}`);
        },
      });
      const result = { ...found, foreignCpu: cpu.stop() };
      runs.push(result);
      say(`${name} seed ${String(runSeed)}: ${summary(result)}`);
    } catch (error) {
      cpu.stop();
      errors.push(error instanceof Error ? error.message : String(error));
      say(
        `${name} seed ${String(runSeed)}: BROKE: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
    }
  }
  return { runs, errors };
}

function summary(result: MeasuredResult): string {
  const {
    accepted,
    inFlight,
    lost,
    doubled,
    absorbed,
    parked,
    successes,
    door,
    recovery,
    violations,
    late,
    foreignCpu,
  } = result;
  const times = Object.entries(recovery).map(([what, { ms }]) => `${what} ${(ms / 1000).toFixed(1)} s`);
  return [
    `${String(accepted)} accepted, ${String(inFlight)} in flight, ${String(lost)} lost, ${String(doubled)} doubled`,
    `${String(absorbed)} absorbed, ${String(parked)} parked, ${(successes * 100).toFixed(1)} % done`,
    ...times,
    door === null ? 'door silent' : `door p99 ${String(door.p99Ms)} ms, worst ${String(door.worstMs)} ms`,
    `strangers ${(foreignCpu * 100).toFixed(0)} % CPU`,
    [passes(result) ? 'pass' : 'FAIL', ...violations, ...late.map((each) => `late ${each}`)].join(' | '),
  ].join('; ');
}
