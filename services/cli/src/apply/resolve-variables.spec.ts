import { describe, expect, it } from '@jest/globals';
import { resolveVariables } from './resolve-variables.js';

const variables = { 'local.erp.port': '8707', other: '${local.erp.port}' };

describe('resolveVariables', () => {
  it('refuses an unknown variable with its place and the way out', () => {
    expect(resolveVariables('c.yaml', 'a: 1\n  port: ${local.erp.prot}\n', variables)).toEqual({
      errors: [
        {
          file: 'c.yaml',
          line: 2,
          column: 9,
          message: 'unknown variable local.erp.prot',
          expected: 'one of local.erp.port, other',
          remedy: 'give it with --var local.erp.prot=VALUE',
        },
      ],
    });
  });

  it.each(['toString', '__proto__', 'constructor'])('does not take %s from the prototype', (name) => {
    expect(resolveVariables('c.yaml', `a: \${${name}}`, {})).toHaveProperty('errors');
  });

  it('replaces every occurrence and looks at no value again', () => {
    expect(resolveVariables('c.yaml', '${local.erp.port}/${other}', variables)).toEqual({
      text: '8707/${local.erp.port}',
    });
  });

  it.each(["with: ${'a': deal.id}", 'with: $map(x, function($v){ $v })', '# see ${name}', 'price: $5'])(
    'leaves %j alone',
    (text) => {
      expect(resolveVariables('c.yaml', text, variables)).toEqual({ text });
    },
  );
});
