import { readFileSync } from 'node:fs';

/** Version of Ecluse, from the package of the command; the same in `src` and `dist`. */
export const VERSION: string = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version;
