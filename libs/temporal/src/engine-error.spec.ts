import { describe, expect, it } from '@jest/globals';
import { EcluseError } from '@ecluse/errors';
import { GRPC, grpcCodeOf, toEngineError } from './index.js';

const grpc = (code: number, message = 'canary'): Error => Object.assign(new Error(message), { code });
/** As the SDK wraps it. */
const wrapped = (cause: Error): Error => new Error('Failed to start Workflow', { cause });

describe('toEngineError', () => {
  it.each<[string, Error, string]>([
    ['unreachable', grpc(GRPC.UNAVAILABLE), 'ENGINE_UNAVAILABLE'],
    ['deadline', grpc(GRPC.DEADLINE_EXCEEDED), 'ENGINE_UNAVAILABLE'],
    ['overloaded', grpc(GRPC.RESOURCE_EXHAUSTED), 'ENGINE_UNAVAILABLE'],
    ['cancelled', grpc(GRPC.CANCELLED), 'ENGINE_UNAVAILABLE'],
    ['internal', grpc(GRPC.INTERNAL), 'ENGINE_UNAVAILABLE'],
    ['no access', grpc(GRPC.PERMISSION_DENIED), 'ENGINE_UNAVAILABLE'],
    [
      'attribute not registered',
      grpc(GRPC.INVALID_ARGUMENT, 'no mapping defined for search attribute FlowId'),
      'ENGINE_UNAVAILABLE',
    ],
    [
      'no namespace',
      Object.assign(new Error('gone'), { name: 'NamespaceNotFoundError' }),
      'ENGINE_UNAVAILABLE',
    ],
    ['no namespace, raw', grpc(GRPC.NOT_FOUND, 'Namespace nowhere is not found.'), 'ENGINE_UNAVAILABLE'],
    [
      'too large an argument',
      grpc(GRPC.INVALID_ARGUMENT, 'Blob data size exceeds limit.'),
      'RUN_NOT_STARTABLE',
    ],
    ['precondition', grpc(GRPC.FAILED_PRECONDITION), 'RUN_NOT_STARTABLE'],
    ['unknown run', grpc(GRPC.NOT_FOUND, 'workflow not found'), 'NOT_FOUND'],
    ['used id', grpc(GRPC.ALREADY_EXISTS), 'STATE_CONFLICT'],
    ['anything else', new TypeError('canary'), 'ENGINE_UNAVAILABLE'],
  ])('%s', (_name, error, expected) => {
    for (const thrown of [error, wrapped(error)]) {
      const result = toEngineError(thrown, 'start run');
      expect(result.errorName).toBe(expected);
      expect(result.message).toContain('start run');
      expect(`${result.message} ${String(result.cause)}`).not.toContain('canary');
    }
  });

  it('gives back what the codec threw: Vault away is not Temporal away', () => {
    const own = new EcluseError('VAULT_UNAVAILABLE', { detail: 'sealed' });
    expect(toEngineError(wrapped(own), 'start run')).toBe(own);
  });

  it('ends on a chain of causes without end', () => {
    const loop = new Error('loop');
    loop.cause = loop;
    expect(toEngineError(loop, 'start run').errorName).toBe('ENGINE_UNAVAILABLE');
  });

  it('finds the code through the causes', () => {
    expect(grpcCodeOf(wrapped(wrapped(grpc(GRPC.NOT_FOUND))))).toBe(GRPC.NOT_FOUND);
    expect(grpcCodeOf(new Error('none'))).toBeNull();
    expect(grpcCodeOf(Object.assign(new Error('no such file'), { code: 'ENOENT' }))).toBeNull();
  });
});
