import type { Form } from '../arguments.js';
import type { Product } from '../product.js';
import type { Remotes } from '../remote/remotes.js';
import type { Random } from '../seeded-random.js';
import { Sender } from '../sender/sender.js';
import type { FaultStack } from '../stack/fault-stack.js';
import type { Canaries, Inspector } from './inspector.js';

/** The stack under test with everything around it; shared by the cases of a suite. */
export interface Scene {
  readonly stack: FaultStack;
  readonly product: Product;
  readonly remotes: Remotes;
  readonly inspector: Inspector;
  readonly canaries: Canaries;
}

/** A scene, and how it ends. */
export interface OpenScene extends Scene {
  close(): Promise<void>;
}

/** What one run of a case works with. */
export interface CaseContext extends Scene {
  readonly form: Form;
  /** Short loads and short faults. */
  readonly quick: boolean;
  /** A broken build is under test: what is not done soon never will be. */
  readonly hurried: boolean;
  readonly seed: number;
  readonly random: Random;
  /** Begins the id of every message of this run. */
  readonly prefix: string;
  /** The personal text in every message. */
  readonly canary: string;
  say(text: string): void;
  /** Another stack of the same build, for faults that have to be there from the start. */
  openScene(home: string): Promise<OpenScene>;
}

/** A sender on the first door, or on both in turn. */
export function senderOf(context: CaseContext, doors: 'one' | 'both' = 'one'): Sender {
  const { stack, product, random } = context;
  let turn = 0;
  return new Sender({
    url: (kind) =>
      `${stack.doorUrl(doors === 'both' && turn++ % 2 === 1)}${product.sourcePaths.get(kind) ?? ''}`,
    secret: product.secret,
    random,
  });
}
