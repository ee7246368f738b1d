import type { StackHome } from '../stack-home.js';
import { apiKeyFile } from '../bootstrap/api-keys.js';
import type { PortMap } from './port-plan.js';
import { LAYOUT_VERSION } from './stack-file.js';
import {
  endpointsOf,
  partEndpoint,
  PART_NAMES,
  removeStatus,
  writeStatus,
  type PartStatus,
  type StackStatus,
} from './stack-status.js';
import type { SupervisedPart } from './supervised-part.js';
import { join } from 'node:path';

/** Keeps `status.json` equal to what runs. Writes follow each other, the last change wins. */
export class StatusBoard {
  private state: StackStatus['state'] = 'starting';
  private readyAt: string | null = null;
  private readonly startedAt = new Date().toISOString();
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly home: StackHome,
    private readonly ports: PortMap,
    private readonly version: string,
    private readonly parts: ReadonlyMap<string, SupervisedPart>,
    private readonly note: (text: string) => void,
  ) {}

  get status(): StackStatus {
    const endpoints = endpointsOf(this.ports);
    return {
      layout: LAYOUT_VERSION,
      version: this.version,
      home: this.home.root,
      supervisorPid: process.pid,
      state: this.state,
      startedAt: this.startedAt,
      readyAt: this.readyAt,
      endpoints,
      parts: PART_NAMES.map((name) => this.partStatus(name)),
      files: { adminApiKey: apiKeyFile(this.home, 'admin') },
    };
  }

  /** Writes the current state in the background; a failure becomes a note, the stack goes on. */
  publish(): void {
    this.writing = this.writing
      .then(() => writeStatus(this.home, this.status))
      .catch((error: unknown) => {
        this.note(error instanceof Error ? error.message : String(error));
      });
  }

  /** Enters a state of the whole stack. */
  enter(state: StackStatus['state']): void {
    this.state = state;
    if (state === 'ready') this.readyAt = new Date().toISOString();
    this.publish();
  }

  /** Waits for pending writes. */
  async settled(): Promise<void> {
    await this.writing;
  }

  /** Removes the file once nothing runs any more. */
  async clear(): Promise<void> {
    await this.writing;
    await removeStatus(this.home);
  }

  private partStatus(name: (typeof PART_NAMES)[number]): PartStatus {
    const part = this.parts.get(name);
    return {
      name,
      state: part?.state ?? 'stopped',
      pid: part?.pid ?? null,
      version: part?.version ?? null,
      endpoint: partEndpoint(name, endpointsOf(this.ports)),
      log: join(this.home.logs, `${name}.log`),
      restarts: part?.restarts ?? 0,
    };
  }
}
