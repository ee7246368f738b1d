import { describe, expect, it } from '@jest/globals';
import { describeInvalidInput } from './input-schema.js';

const schema = {
  type: 'object',
  required: ['name'],
  additionalProperties: false,
  properties: {
    name: { type: 'string', maxLength: 5 },
    currency: { enum: ['EUR'] },
    mail: { type: 'string', pattern: '^x' },
    tags: { type: 'object', additionalProperties: { type: 'string' } },
  },
};

describe('describeInvalidInput', () => {
  it('says nothing about a fitting input', () => {
    expect(describeInvalidInput(schema, { name: 'Ada' })).toBeNull();
  });

  it('names places and rules, never values or foreign property names', () => {
    const reason = describeInvalidInput(schema, {
      name: 'canary-value',
      currency: 'canary',
      mail: 'canary',
      'canary-key': 1,
    });
    const nested = describeInvalidInput(schema, { name: 'Ada', tags: { 'canary-key': 1 } });
    expect(nested).toContain('/tags/additionalProperties type string');
    expect(nested).not.toContain('canary');
    expect(reason).toContain('/name maxLength 5');
    expect(reason).toContain('/currency enum');
    expect(reason).toContain('/mail pattern');
    expect(reason).toContain('/ additionalProperties');
    expect(reason).not.toContain('canary');
    expect(describeInvalidInput(schema, {})).toContain('/ required name');
  });
});
