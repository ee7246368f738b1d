import { readFileSync } from 'node:fs';
import { variablesOf, type ConfigClass } from '@ecluse/config';

const ROW = /^\|\s*`(ECLUSE_[A-Z0-9_]+)`\s*\|\s*([^|]*?)\s*\|/gm;

/**
 * What a document's tables of settings say otherwise than the configuration class. Looked at are the rows that begin
 * with a variable of one of the prefixes and its default; no such row is a difference, too. Empty when all agree.
 */
export function settingsDifferences<T extends object>(
  document: string,
  prefixes: readonly string[],
  Class: ConfigClass<T>,
): string[] {
  const values = new Class() as Record<string, unknown>;
  const known = new Map(variablesOf(Class).map(({ name, property }) => [name, String(values[property])]));
  const rows = [...readFileSync(document, 'utf8').matchAll(ROW)]
    .map(([, name = '', written = '']) => ({ name, written }))
    .filter(({ name }) => prefixes.some((prefix) => name.startsWith(prefix)));
  if (rows.length === 0) return [`no setting that begins with ${prefixes.join(' or ')}`];
  return rows
    .filter(({ name, written }) => known.get(name) !== written)
    .map(
      ({ name, written }) =>
        `${name}: ${written} in the document, ${known.get(name) ?? 'unknown'} in the code`,
    );
}
