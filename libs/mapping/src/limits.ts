/** Bounds of one evaluation. The defaults are documented in docs/reference/mapping.md. */
export interface MappingLimits {
  /** Most evaluated nodes, by the analysis' upper bound, for which a bounded expression runs in process. */
  nativeWork: number;
  /** CPU time in the sandbox, milliseconds. */
  cpuMs: number;
  /** Wall clock in the sandbox, milliseconds; then its thread is ended. Text functions cannot be interrupted otherwise. */
  wallMs: number;
  /** Memory of the sandbox, bytes. */
  memoryBytes: number;
  /** Result as UTF-8 JSON, bytes. */
  resultBytes: number;
}
export const DEFAULT_LIMITS: MappingLimits = {
  nativeWork: 400_000,
  cpuMs: 500,
  wallMs: 2_000,
  memoryBytes: 32 * 1024 * 1024,
  resultBytes: 1024 * 1024,
};

/** Threads of the sandbox. */
export interface SandboxPoolOptions {
  /** Warm threads, 1 to 4. Default 1: a second one pays only on four cores or more. */
  threads: number;
  /** Most evaluations that wait for a thread; more are refused with MAPPING_BUSY. Default 200. */
  queue: number;
  /**
   * Longest wait for a thread, milliseconds; then MAPPING_BUSY. Default 3,000: with the wall clock of one evaluation well
   * below the 9 s of the shortest activity that evaluates.
   */
  waitMs: number;
  /**
   * Most evaluations that wait for the thread of expressions that ran into a limit lately. Default 4: each holds a place
   * of a local activity, which others need.
   */
  quarantineQueue: number;
}
export const DEFAULT_POOL: SandboxPoolOptions = { threads: 1, queue: 200, waitMs: 3_000, quarantineQueue: 4 };
