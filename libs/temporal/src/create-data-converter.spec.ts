import { describe, expect, it } from '@jest/globals';
import { ApplicationFailure, defaultPayloadConverter, type Payload } from '@temporalio/common';
import { loadDataConverter } from '@temporalio/common/lib/internal-non-workflow/data-converter-helpers.js';
import { createDataConverter } from './index.js';

describe('createDataConverter', () => {
  const codec = {
    encode: (list: Payload[]) => Promise.resolve(list),
    decode: (list: Payload[]) => Promise.resolve(list),
  };

  it('is loaded by Temporal as clients and workers do', () => {
    expect(loadDataConverter(createDataConverter(codec)).payloadCodecs).toEqual([codec]);
  });

  it('moves message, stack and causes of a failure into payloads, and gives them back', () => {
    const { failureConverter } = loadDataConverter(createDataConverter(codec));
    const cause = new Error('canary cause');
    const error = ApplicationFailure.create({ message: 'canary message', type: 'ECL-4003', cause });
    const failure = failureConverter.errorToFailure(error, defaultPayloadConverter);
    const { message, stackTrace, encodedAttributes, cause: inner } = failure;
    expect([message, inner?.message]).toEqual(['Encoded failure', 'Encoded failure']);
    expect([stackTrace, inner?.stackTrace].join('')).toBe('');
    expect(encodedAttributes?.data).toBeDefined();
    const back = failureConverter.failureToError(failure, defaultPayloadConverter);
    expect(back).toMatchObject({
      message: 'canary message',
      type: 'ECL-4003',
      cause: { message: 'canary cause' },
    });
  });
});
