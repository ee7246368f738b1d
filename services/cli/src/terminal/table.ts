import Table from 'cli-table3';
import { print } from './terminal.js';

/** A cell; null and undefined are shown as `-`. */
export type Cell = string | number | boolean | null | undefined;

/** Prints rows as a table, or one line saying that there is nothing. */
export function showTable(head: readonly string[], rows: readonly (readonly Cell[])[]): void {
  if (rows.length === 0) {
    print('nothing to show');
    return;
  }
  const table = new Table({ head: [...head], style: { head: [], border: [] } });
  for (const row of rows) table.push(row.map((cell) => String(cell ?? '-')));
  print(table.toString());
}

/** Prints `name  value` lines; entries without a value are left out. */
export function showFields(fields: Readonly<Record<string, Cell>>): void {
  const width = Math.max(...Object.keys(fields).map((name) => name.length)) + 2;
  for (const [name, value] of Object.entries(fields)) {
    if (value !== null && value !== undefined) print(`${name.padEnd(width)}${String(value)}`);
  }
}

/** Prints JSON for scripts. */
export function showJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}
