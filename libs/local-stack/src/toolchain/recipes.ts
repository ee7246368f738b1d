import { join } from 'node:path';

/** Servers that npm cannot deliver. */
export type ServerPart = 'temporal' | 'vault';

/** One `go build` of a recipe. */
export interface BuildStep {
  /** Path of the program inside the cache entry. */
  readonly output: string;
  readonly package: string;
}

/** How a server is built from pinned modules. */
export interface Recipe {
  readonly part: ServerPart;
  /** Module whose required version names the build. */
  readonly module: string;
  readonly flags: readonly string[];
  readonly steps: readonly BuildStep[];
}

const VAULT = 'github.com/hashicorp/vault';
export const POSTGRES_PLUGIN = 'postgresql-database-plugin';
const SMALL = ['-trimpath', '-ldflags', '-s -w'];

export const RECIPES: Readonly<Record<ServerPart, Recipe>> = {
  temporal: {
    part: 'temporal',
    module: 'github.com/temporalio/cli',
    flags: SMALL,
    steps: [{ output: 'temporal', package: 'github.com/temporalio/cli/cmd/temporal' }],
  },
  vault: {
    part: 'vault',
    module: VAULT,
    // The full build does not compile from published modules; the minimal one lacks only engines that are unused.
    flags: ['-tags', 'minimal', ...SMALL],
    steps: [
      { output: 'vault', package: VAULT },
      {
        output: join('plugins', POSTGRES_PLUGIN),
        package: `${VAULT}/plugins/database/postgresql/${POSTGRES_PLUGIN}`,
      },
    ],
  },
};

/** The folder of go.mod and go.sum of each server, in this checkout. `src` and `dist` lie equally deep. */
export function checkoutModules(): string {
  return join(import.meta.dirname, '..', '..', '..', '..', 'deploy', 'toolchain');
}
