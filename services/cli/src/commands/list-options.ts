import { InvalidArgumentError, type Command } from 'commander';
import type { Page } from '@ecluse/contracts';
import { note } from '../terminal/terminal.js';

/** Options of every list. */
export interface ListOptions {
  readonly limit?: string;
  readonly cursor?: string;
}

/** Adds `--limit` and `--cursor`. */
export function withPaging(command: Command): Command {
  return command
    .option('--limit <n>', 'entries to show, 1 to 200 (default 50)')
    .option('--cursor <cursor>', 'go on after the last page');
}

/** Query string of a list; options without a value are left out. */
export function queryOf(filter: Readonly<Record<string, string | undefined>>): string {
  const set = Object.entries(filter).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return set.length === 0 ? '' : `?${new URLSearchParams(set).toString()}`;
}

/** Says how to go on when there is another page. */
export function noteNextPage({ nextCursor }: Page<unknown>): void {
  if (nextCursor !== null) note(`more: repeat with --cursor ${nextCursor}`);
}

/** Parser of whole numbers from 1. */
export function positive(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('expected a whole number from 1');
  return Number(text);
}
