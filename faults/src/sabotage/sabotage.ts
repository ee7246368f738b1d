/** A change to built code that breaks a promise, and the case that has to notice. */
export interface Sabotage {
  readonly name: string;
  /** What the change does, for the matrix. */
  readonly change: string;
  /** Built file below the checkout. */
  readonly file: string;
  /** Must occur in the file, else the sabotage is out of date. */
  readonly replace: RegExp;
  readonly by: string;
  readonly case: string;
  readonly variant: string;
  /** What the case has to say about it. */
  readonly finds: RegExp;
}
