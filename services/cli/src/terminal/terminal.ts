import { styleText } from 'node:util';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow';

/** Where a command writes: results to `out`, everything about the work itself to `notes`. */
export interface Terminal {
  readonly out: NodeJS.WriteStream;
  readonly notes: NodeJS.WriteStream;
}

export const terminal: Terminal = { out: process.stdout, notes: process.stderr };

/** Colours text when the stream is a terminal and `NO_COLOR` is not set. */
export function paint(style: Style, text: string, stream: NodeJS.WriteStream = terminal.out): string {
  return stream.isTTY && process.env['NO_COLOR'] === undefined
    ? styleText(style, text, { validateStream: false })
    : text;
}

/**
 * A reader that goes away (`| head`, a closed terminal) must not end the process: the supervisor still has
 * children to stop.
 */
export function surviveClosedStreams(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}

/** Writes one line to standard output. */
export function print(line = ''): void {
  terminal.out.write(`${line}\n`);
}

/** Writes one line to standard error. */
export function note(line: string): void {
  terminal.notes.write(`${line}\n`);
}
