import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { CaseContext } from '../runs/case-context.js';
import type { FaultResult } from '../runs/fault-result.js';
import { runS, type RunOptions } from '../runs/run-s.js';
import { SmallDisk } from '../stack/small-disk.js';
import type { FaultCase } from './fault-case.js';

/** Room for an empty cluster, its log of changes, and some thousand deliveries. MiB. */
const DATABASE_MIB = 256;
const AUDIT_MIB = 8;

export const F11: FaultCase = {
  id: 'F11',
  fault: "disk full: PostgreSQL's data, Vault's audit device; for 20 s (quick: 5 s)",
  means: 'a tmpfs that is filled to the last block',
  notCovered:
    "Temporal's disk: its development server keeps one SQLite file on the same disk as everything else",
  variants: [
    { name: 'PostgreSQL', runs: { quick: 1, full: 1, thorough: 3 }, run: fullDatabase },
    { name: 'Vault audit', runs: { quick: 0, full: 0, thorough: 3 }, run: fullAudit },
  ],
};

/** A stack of its own, since its database lies on the small disk from the start. */
async function fullDatabase(context: CaseContext): Promise<FaultResult> {
  const home = mkdtempSync(join(tmpdir(), 'ecluse-faults-disk-'));
  chmodSync(home, 0o711);
  const disk = mounted(join(home, 'postgres'), DATABASE_MIB);
  try {
    const scene = await context.openScene(home);
    try {
      return await runS(
        { ...context, ...scene, canary: scene.canaries.get('personal text') ?? '' },
        filling(context, disk),
      );
    } finally {
      await scene.close();
    }
  } finally {
    disk.unmount();
    rmSync(home, { recursive: true, force: true });
  }
}

async function fullAudit(context: CaseContext): Promise<FaultResult> {
  const { stack } = context;
  const disk = mounted(join(stack.home.root, 'audit'), AUDIT_MIB);
  try {
    await stack.vault.auditTo(join(disk.folder, 'audit.log'));
    return await runS(context, { ...filling(context, disk), leastSuccesses: 1 });
  } finally {
    disk.empty();
    await stack.vault.auditTo(join(stack.home.logs, 'vault-audit.log'));
    disk.unmount();
  }
}

function filling({ quick }: CaseContext, disk: SmallDisk): RunOptions {
  return {
    fault: async () => {
      disk.fill();
      await pause(quick ? 5_000 : 20_000);
      disk.empty();
      return { progress: { since: Date.now(), limitMs: 30_000 } };
    },
  };
}

function mounted(folder: string, mebibytes: number): SmallDisk {
  const disk = SmallDisk.mount(folder, mebibytes);
  if (disk === undefined) throw new Error('a small disk needs root on Linux');
  return disk;
}
