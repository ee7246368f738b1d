import type { Finding } from './finding.js';

export type Json = Record<string, unknown>;

/** Collects findings while a document is walked; `at` is the RFC 6901 pointer of what is looked at. */
export class Shape {
  readonly findings: Finding[] = [];

  error(pointer: string, message: string, expected?: string): void {
    this.findings.push({
      severity: 'error',
      pointer,
      message,
      ...(expected === undefined ? {} : { expected }),
    });
  }

  warn(pointer: string, message: string, remedy: string): void {
    this.findings.push({ severity: 'warning', pointer, message, remedy });
  }

  /** An object with no other keys than these. */
  object(value: unknown, pointer: string, keys: readonly string[]): Json | undefined {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.error(pointer, 'is not an object', `an object with ${keys.join(', ')}`);
      return undefined;
    }
    for (const key of Object.keys(value)) {
      if (!keys.includes(key)) this.error(`${pointer}/${key}`, 'is not known here', keys.join(', '));
    }
    return value as Json;
  }

  oneOf(value: unknown, pointer: string, allowed: readonly string[], optional = false): void {
    if (optional && value === undefined) return;
    if (typeof value !== 'string' || !allowed.includes(value))
      this.error(pointer, 'is not one of the known values', allowed.join(', '));
  }

  integer(value: unknown, pointer: string, least: number, most: number, optional = false): void {
    if (optional && value === undefined) return;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most)
      this.error(pointer, 'is not an integer in range', `${String(least)}..${String(most)}`);
  }

  boolean(value: unknown, pointer: string, optional = false): void {
    if (optional && value === undefined) return;
    if (typeof value !== 'boolean') this.error(pointer, 'is not a boolean', 'true or false');
  }

  text(value: unknown, pointer: string, pattern: RegExp, expected: string, optional = false): void {
    if (optional && value === undefined) return;
    if (typeof value !== 'string' || !pattern.test(value))
      this.error(pointer, 'has the wrong form', expected);
  }
}
