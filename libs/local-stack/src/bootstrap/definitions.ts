import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** Where the files lie that bootstrap loads. */
export interface BootstrapFiles {
  /** `<policy name>.hcl`; the worker gets every `conn-*`. */
  readonly policies: string;
  /** `<role name>.json`: bodies for Vault's `database/roles/<role name>`. */
  readonly databaseRoles: string;
  /** Repeatable SQL, run by the owner of the ERP's tables. */
  readonly erpSchema: string;
}

/** The files of this checkout. `src` and `dist` lie equally deep. */
export function checkoutFiles(): BootstrapFiles {
  const checkout = join(import.meta.dirname, '..', '..', '..', '..');
  return {
    policies: join(checkout, 'deploy', 'vault', 'policies'),
    databaseRoles: join(checkout, 'deploy', 'vault', 'database', 'roles'),
    erpSchema: join(checkout, 'examples', 'deal-won-to-order', 'erp-schema.sql'),
  };
}

/** Files of a folder with one extension, by their name without it, sorted. */
export async function readDefinitions(folder: string, extension: string): Promise<Map<string, string>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(extension)).sort();
  const read = names.map(async (name): Promise<[string, string]> => {
    return [basename(name, extension), await readFile(join(folder, name), 'utf8')];
  });
  return new Map(await Promise.all(read));
}
