import type { ErrorDetail } from '@ecluse/errors';

export type Variables = Readonly<Record<string, string>>;

/** The document with every variable replaced, or what is wrong with it. */
export type Resolution = { readonly text: string } | { readonly errors: ErrorDetail[] };

const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_.-]*)\}/g;

/**
 * Replaces `${name}` in a document, comments excepted. An unknown name is an error with its place; the value of a
 * variable is inserted as it is and never looked at again.
 */
export function resolveVariables(file: string, text: string, variables: Variables): Resolution {
  const errors: ErrorDetail[] = [];
  const lines = text.split('\n').map((line, index) =>
    line.replace(VARIABLE, (whole, name: string, offset: number) => {
      const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
      if (value !== undefined) return value;
      if (isInComment(line, offset)) return whole;
      errors.push({
        file,
        line: index + 1,
        column: offset + 1,
        message: `unknown variable ${name}`,
        expected: `one of ${Object.keys(variables).sort().join(', ') || 'no variable: none is defined'}`,
        remedy: `give it with --var ${name}=VALUE`,
      });
      return whole;
    }),
  );
  return errors.length === 0 ? { text: lines.join('\n') } : { errors };
}

/** A `#` starts a YAML comment at the begin of a line or after a blank. */
function isInComment(line: string, offset: number): boolean {
  return /(^|\s)#/.test(line.slice(0, offset));
}
