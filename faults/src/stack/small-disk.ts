import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A folder with a file system of its own that is soon full: tmpfs, so it needs root on Linux. */
export class SmallDisk {
  private constructor(readonly folder: string) {}

  /** Undefined where the machine does not let us. */
  static mount(folder: string, mebibytes: number): SmallDisk | undefined {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined;
    mkdirSync(folder, { recursive: true });
    try {
      const options = `size=${String(mebibytes)}m,mode=0700`;
      execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });
      return new SmallDisk(folder);
    } catch {
      return undefined; // a container without the right to mount
    }
  }

  /** Takes all the space that is left. */
  fill(): void {
    const { bavail, bsize } = statfsSync(this.folder);
    const chunk = Buffer.alloc(bsize);
    for (let block = 0; block < bavail; block += 1) {
      try {
        writeFileSync(this.ballast, chunk, { flag: 'a' });
      } catch {
        return; // full: somebody else took the last blocks
      }
    }
  }

  /** Gives it back. */
  empty(): void {
    rmSync(this.ballast, { force: true });
  }

  unmount(): void {
    execFileSync('umount', ['-l', this.folder], { stdio: 'ignore' });
  }

  private get ballast(): string {
    return join(this.folder, 'ballast');
  }
}
