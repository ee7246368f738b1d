import { stripVTControlCharacters } from 'node:util';
import type { StackProgress } from '@ecluse/local-stack';
import { formatElapsed } from './elapsed.js';
import { paint } from './terminal.js';

export interface StepProgressOptions {
  /** Number of steps that will be reported. */
  readonly total: number;
  readonly stream: NodeJS.WriteStream;
  /** Show the last line of a build's output too. */
  readonly verbose: boolean;
}

/** Milliseconds between two updates of the line on a terminal. */
const TERMINAL_EVERY_MS = 250;
/** Milliseconds between two plain lines about the same step, where there is no terminal. */
const PLAIN_EVERY_MS = 2_000;

/**
 * Shows steps as `[3/7] what · elapsed · doing`: one line that updates itself on a terminal, plain lines every
 * few seconds elsewhere (a CI log). Own code because listr2 and ora stay silent without a terminal.
 */
export class StepProgress implements StackProgress {
  private stepNo = 0;
  private lineShown = false;

  constructor(private readonly options: StepProgressOptions) {}

  async step<T>(
    title: string,
    work: (doing: (text: string, output?: string) => void) => Promise<T>,
  ): Promise<T> {
    this.stepNo += 1;
    const label = `[${String(this.stepNo)}/${String(this.options.total)}] ${title}`;
    const startedAt = performance.now();
    let doing = '';
    const show = (): void => {
      this.show(
        `${label} · ${formatElapsed(performance.now() - startedAt)}${doing === '' ? '' : ` · ${doing}`}`,
      );
    };
    const timer = setInterval(show, this.options.stream.isTTY ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS);
    try {
      const result = await work((text, output = '') => {
        doing = this.options.verbose && output !== '' ? `${text} · ${output}` : text;
      });
      this.end(
        timer,
        `${paint('green', '✔', this.options.stream)} ${label} (${formatElapsed(performance.now() - startedAt)})`,
      );
      return result;
    } catch (error) {
      this.end(
        timer,
        `${paint('red', '✘', this.options.stream)} ${label} (${formatElapsed(performance.now() - startedAt)})`,
      );
      throw error;
    }
  }

  note(text: string): void {
    this.erase();
    this.options.stream.write(`${paint('yellow', 'note', this.options.stream)} ${text}\n`);
  }

  private end(timer: NodeJS.Timeout, line: string): void {
    clearInterval(timer);
    this.erase();
    this.options.stream.write(`${line}\n`);
  }

  private show(text: string): void {
    const { stream } = this.options;
    const clean = stripVTControlCharacters(text).replace(/\s+/g, ' ');
    if (!stream.isTTY) {
      stream.write(`${clean}\n`);
      return;
    }
    stream.write(`\r\u001b[2K${clean.slice(0, Math.max(20, stream.columns - 1))}`);
    this.lineShown = true;
  }

  private erase(): void {
    if (this.lineShown) this.options.stream.write('\r\u001b[2K');
    this.lineShown = false;
  }
}
