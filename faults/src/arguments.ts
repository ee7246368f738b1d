/** How much is run: minutes, half an hour, or a night. */
export const FORMS = ['quick', 'full', 'thorough'] as const;
export type Form = (typeof FORMS)[number];

/** What the command was asked to do. */
export interface SuiteOptions {
  /** Default `full`. */
  readonly form: Form;
  /** Ids of cases; none: all. */
  readonly only: readonly string[];
  readonly seed: number;
  /** Runs per variant, instead of what its form says. */
  readonly repeat: number | undefined;
  /** Run the sabotaged builds instead of this one. */
  readonly sabotage: boolean;
}

/** Reads the arguments after `npm run faults --`. Throws Error for one that it does not know. */
export function readArguments(args: readonly string[], freshSeed: () => number): SuiteOptions {
  const options = {
    form: 'full' as Form,
    only: [] as string[],
    seed: freshSeed(),
    repeat: undefined as number | undefined,
    sabotage: false,
  };
  for (let index = 0; index < args.length; index += 1) {
    const [name = '', inline] = (args[index] ?? '').split('=', 2);
    const value = (): string => {
      const given = inline ?? args[++index];
      if (given === undefined) throw new Error(`${name} needs a value`);
      return given;
    };
    if (name === '--quick' || name === '--thorough') options.form = name === '--quick' ? 'quick' : 'thorough';
    else if (name === '--sabotage') options.sabotage = true;
    else if (name === '--only')
      options.only = value()
        .split(',')
        .map((id) => id.trim().toUpperCase());
    else if (name === '--seed') options.seed = wholeNumber(name, value());
    else if (name === '--repeat') options.repeat = wholeNumber(name, value());
    else
      throw new Error(
        `unknown option ${name}; there are --quick, --thorough, --only F2,F15, --seed N, --repeat N, --sabotage`,
      );
  }
  return options;
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new Error(`${name} needs a whole number`);
  return Number(text);
}
