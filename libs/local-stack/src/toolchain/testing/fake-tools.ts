import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** What `temporal --version` and `vault version` print. */
export const VERSION_TEXTS = {
  temporal: 'temporal version 1.8.2 (Server 1.31.2, UI 2.50.1)',
  oldTemporal: 'temporal version 1.0.0 (Server 1.24.0, UI 2.20.0)',
  vault: 'Vault v1.21.2, built 2025-11-24T08:02:13Z',
} as const;

/** A folder with module files, a PATH and a cache, for specs of the resolver. */
export class ToolFolder {
  private constructor(readonly root: string) {}

  static async create(): Promise<ToolFolder> {
    const folder = new ToolFolder(await mkdtemp(join(tmpdir(), 'toolchain-spec-')));
    await folder.write('modules/temporal/go.mod', goMod('github.com/temporalio/cli', 'v1.8.2'));
    await folder.write('modules/temporal/go.sum', 'a sum\n');
    await folder.write('modules/vault/go.mod', goMod('github.com/hashicorp/vault', 'v1.21.2'));
    await folder.write('modules/vault/go.sum', 'a sum\n');
    await mkdir(folder.at('bin'));
    return folder;
  }

  at(...path: string[]): string {
    return join(this.root, ...path);
  }

  /** Options of the resolver that see this folder only. */
  options(variables: Record<string, string> = {}): {
    env: Record<string, string>;
    cache: string;
    modules: string;
  } {
    return {
      env: { PATH: this.at('bin'), ...variables },
      cache: this.at('cache'),
      modules: this.at('modules'),
    };
  }

  /** A program that prints one line. */
  async program(path: string, prints: string): Promise<string> {
    return this.script(path, `echo '${prints}'`);
  }

  async script(path: string, body: string): Promise<string> {
    const file = await this.write(path, `#!/bin/sh\n${body}\n`);
    await chmod(file, 0o755);
    return file;
  }

  /**
   * A Go that "compiles" programs which print their version, and notes each build in `builds`.
   * `before` runs first, with the output path in `$out`.
   */
  async go(before = ''): Promise<void> {
    await this.script(
      'bin/go',
      `if [ "$1" = version ]; then echo "go version go1.26.8 linux/amd64"; exit 0; fi
while [ "$1" != -o ]; do shift; done
out=$2
echo "$3" >> '${this.at('builds')}'
${before}
case "$3" in *temporal*) text='${VERSION_TEXTS.temporal}';; *) text='${VERSION_TEXTS.vault}';; esac
printf '#!/bin/sh\\necho "%s"\\n' "$text" > "$out"
/bin/chmod 755 "$out"`,
    );
  }

  async write(path: string, content: string): Promise<string> {
    const file = this.at(path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    return file;
  }

  async remove(): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}

function goMod(module: string, version: string): string {
  return `module ecluse.local/tools\n\ngo 1.26\n\nrequire (\n\t${module} ${version}\n)\n`;
}
