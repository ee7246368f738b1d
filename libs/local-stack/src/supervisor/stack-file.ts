import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { EcluseError } from '@ecluse/errors';
import { readJsonFile, writeFileAtomically } from './atomic-file.js';
import { PORT_NAMES, type PortMap } from './port-plan.js';
import type { StackHome } from '../stack-home.js';

/** Layout of the data folder. A change that an older or newer build cannot read raises it. */
export const LAYOUT_VERSION = 1;

function stackFile(home: StackHome): string {
  return join(home.root, 'stack.json');
}

/** What is remembered of a data folder between starts. */
export interface StackFile {
  readonly layout: number;
  readonly ports: Partial<PortMap>;
}

export type LayoutCheck =
  | { readonly kind: 'fresh' }
  | { readonly kind: 'usable'; readonly file: StackFile }
  | { readonly kind: 'foreign'; readonly found: string };

/** Decides from the content of `stack.json` and whether the folder holds data, if this build may use it. */
export function checkLayout(content: unknown, hasData: boolean): LayoutCheck {
  if (content === undefined) {
    return hasData
      ? { kind: 'foreign', found: 'no readable stack.json beside existing data' }
      : { kind: 'fresh' };
  }
  const layout =
    typeof content === 'object' && content !== null && 'layout' in content ? content.layout : undefined;
  if (layout !== LAYOUT_VERSION) {
    return {
      kind: 'foreign',
      found: typeof layout === 'number' ? `layout ${String(layout)}` : 'an unknown layout',
    };
  }
  return { kind: 'usable', file: { layout, ports: knownPorts((content as { ports?: unknown }).ports) } };
}

function knownPorts(value: unknown): Partial<PortMap> {
  if (typeof value !== 'object' || value === null) return {};
  const ports = value as Record<string, unknown>;
  return Object.fromEntries(
    PORT_NAMES.map((name) => [name, ports[name]]).filter(([, port]) => Number.isInteger(port)),
  ) as Partial<PortMap>;
}

/** Reads the remembered ports. Throws `STACK_VERSION` (ECL-7004) when another layout made the folder. */
export async function openStackFile(home: StackHome): Promise<StackFile> {
  const check = checkLayout(await readJsonFile(stackFile(home)), await holdsData(home));
  if (check.kind === 'foreign') {
    throw new EcluseError('STACK_VERSION', {
      detail: `${home.root} has ${check.found}; this build uses layout ${String(LAYOUT_VERSION)}`,
    });
  }
  return check.kind === 'usable' ? check.file : { layout: LAYOUT_VERSION, ports: {} };
}

/** Remembers the ports, and marks the folder as made by this layout. */
export async function writeStackFile(home: StackHome, ports: PortMap): Promise<void> {
  await writeFileAtomically(
    stackFile(home),
    `${JSON.stringify({ layout: LAYOUT_VERSION, ports }, null, 2)}\n`,
  );
}

/** PostgreSQL's folder is made by its first start only, which is after `stack.json` was written. */
async function holdsData(home: StackHome): Promise<boolean> {
  return access(home.postgres).then(
    () => true,
    () => false,
  );
}
