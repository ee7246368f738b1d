import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { IsInt, IsString, Max, Min } from 'class-validator';
import { FromEnv, FromSecretFile, loadConfig, summarise } from './index.js';

class DemoConfig {
  @FromEnv('ECLUSE_DEMO_PORT')
  @IsInt()
  @Min(1)
  @Max(65535)
  port = 8700;

  @FromSecretFile('ECLUSE_DEMO_PASSWORD_FILE')
  @IsString()
  password!: string;
}

function secretFile(content: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'ecluse-config-')), 'password');
  writeFileSync(path, content);
  return path;
}

describe('loadConfig', () => {
  it('takes defaults, converts numbers, reads secret files and freezes', () => {
    const config = loadConfig(DemoConfig, { ECLUSE_DEMO_PASSWORD_FILE: secretFile('hunter2\n') });
    expect(config).toMatchObject({ port: 8700, password: 'hunter2' });
    expect(Object.isFrozen(config)).toBe(true);
    expect(
      loadConfig(DemoConfig, { ECLUSE_DEMO_PORT: '1', ECLUSE_DEMO_PASSWORD_FILE: secretFile('x') }).port,
    ).toBe(1);
  });

  it.each([
    ['a number out of range', { ECLUSE_DEMO_PORT: '99999' }, 'ECLUSE_DEMO_PORT: '],
    ['text for a number', { ECLUSE_DEMO_PORT: 'many' }, 'ECLUSE_DEMO_PORT: '],
    ['an unknown variable', { ECLUSE_DEMO_PROT: '1' }, 'ECLUSE_DEMO_PROT is not a variable of this service'],
    ['a missing secret file', { ECLUSE_DEMO_PASSWORD_FILE: '/nonexistent/p' }, '(ENOENT)'],
    ['no secret at all', { ECLUSE_DEMO_PASSWORD_FILE: '' }, 'ECLUSE_DEMO_PASSWORD_FILE: '],
  ])('refuses %s and names the variable, not the value', (_name, environment, message) => {
    const attempt = () =>
      loadConfig(DemoConfig, { ECLUSE_DEMO_PASSWORD_FILE: secretFile('hunter2'), ...environment });
    expect(attempt).toThrow('ECL-7001');
    expect(attempt).toThrow(message);
    expect(attempt).not.toThrow('99999');
  });

  it('summarises secrets as yes or no', () => {
    const config = loadConfig(DemoConfig, { ECLUSE_DEMO_PASSWORD_FILE: secretFile('hunter2') });
    expect(summarise(DemoConfig, config)).toEqual({ port: 8700, passwordSet: true });
  });
});
