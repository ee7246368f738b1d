import { ERRORS, isEcluseError, toProblem, type ErrorDetail, type Problem } from '@ecluse/errors';
import { EXIT, type ExitCode } from './exit-codes.js';
import { note, paint, print, terminal } from './terminal/terminal.js';

/** A refusal by the admin API, kept as the problem document that it sent. */
export class ApiRefusal extends Error {
  constructor(readonly problem: Problem) {
    super(`${problem.code} ${problem.title}${problem.detail === undefined ? '' : `: ${problem.detail}`}`);
    this.name = 'ApiRefusal';
  }
}

/** Any failure as a problem document. What is no error of Ecluse is a bug: its message is shown, never hidden. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ApiRefusal) return error.problem;
  if (isEcluseError(error)) return toProblem(error);
  const { code, status, title } = ERRORS.INTERNAL;
  const detail = error instanceof Error ? error.message : String(error);
  const remedy = 'This is a bug; please report it with the command that you ran.';
  return { type: `urn:ecluse:error:${code}`, title, status, code, detail, remedy };
}

/** Exit code that belongs to a failure. */
export function exitCodeOf(error: unknown): ExitCode {
  if (isEcluseError(error, 'USAGE')) return EXIT.usage;
  if (isEcluseError(error, 'STACK_NOT_RUNNING')) return EXIT.notRunning;
  return EXIT.failed;
}

/** Shows a failure: text on standard error, or with `--json` the problem document on standard output. */
export function report(error: unknown, json: boolean): ExitCode {
  const problem = problemOf(error);
  if (json) print(JSON.stringify(problem, null, 2));
  else for (const line of problemLines(problem)) note(line);
  return exitCodeOf(error);
}

function problemLines(problem: Problem): string[] {
  const { code, title, detail, remedy, errors = [] } = problem;
  const label = paint('red', 'error', terminal.notes);
  return [
    `${label} ${code}: ${title}${detail === undefined ? '' : `: ${detail}`}`,
    ...errors.flatMap(placeLines),
    `remedy: ${remedy}`,
  ];
}

/** `flow.yaml:12:7: message` first, so that editors can jump there. */
function placeLines({ file, line, column, pointer, message, expected, remedy }: ErrorDetail): string[] {
  const place = [file, line, column].filter((part) => part !== undefined).join(':') || pointer;
  return [
    `  ${place === undefined || place === '' ? '' : `${place}: `}${message}`,
    ...(expected === undefined ? [] : [`    expected: ${expected}`]),
    ...(remedy === undefined ? [] : [`    remedy: ${remedy}`]),
  ];
}
