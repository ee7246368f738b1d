import type { ErrorObject } from 'ajv/dist/2020.js';

/**
 * The errors that tell something, out of all that the validator found. Of alternatives (`oneOf`, `anyOf`) only the one
 * that was most likely meant speaks; where none shows, one error names what the alternatives ask for.
 */
export function tellingErrors(errors: readonly ErrorObject[]): ErrorObject[] {
  const summaries = errors
    .filter(({ keyword }) => keyword === 'oneOf' || keyword === 'anyOf')
    .sort((left, right) => right.schemaPath.length - left.schemaPath.length);
  const told = summaries.reduce(replaceAlternatives, [...errors]);
  return told.filter(({ keyword }) => keyword !== 'if' && keyword !== 'propertyNames');
}

function replaceAlternatives(errors: ErrorObject[], summary: ErrorObject): ErrorObject[] {
  const inside = errors.filter((error) => error !== summary && isBelow(error, summary));
  if (inside.length === 0) return errors;
  const rest = errors.filter((error) => error !== summary && !inside.includes(error));
  return [...rest, ...speaking(inside, summary)];
}

function isBelow(error: ErrorObject, summary: ErrorObject): boolean {
  const { instancePath: path } = error;
  return (
    error.schemaPath.startsWith(`${summary.schemaPath}/`) &&
    (path === summary.instancePath || path.startsWith(`${summary.instancePath}/`))
  );
}

function speaking(inside: readonly ErrorObject[], summary: ErrorObject): ErrorObject[] {
  const branches = [...Map.groupBy(inside, (error) => branchOf(error, summary)).values()];
  const values = inside.filter(({ keyword }) => keyword === 'const');
  // A discriminating field: the branch whose constant fits was meant; if none fits, the field itself is wrong.
  const fitting = branches.filter((branch) => !branch.some(({ keyword }) => keyword === 'const'));
  const [shortest] = [...fitting].sort((left, right) => left.length - right.length);
  if (values.length > 0 && shortest !== undefined) return shortest;
  const [first] = values;
  if (first !== undefined && branches.every((branch) => branch.some(({ keyword }) => keyword === 'const'))) {
    const allowedValues = [...new Set(values.map(({ params }) => String(params['allowedValue'])))];
    return [{ ...first, keyword: 'enum', params: { allowedValues } }];
  }
  const fields = inside.map(({ params }) => params['missingProperty'] as unknown);
  if (fields.every((field) => typeof field === 'string')) {
    return [{ ...summary, keyword: 'required', params: { missingProperty: fields.join('`, `') } }];
  }
  const types = inside.filter(
    ({ keyword, instancePath }) => keyword === 'type' && instancePath === summary.instancePath,
  );
  const [matching] = branches
    .filter((branch) => !branch.some((error) => types.includes(error)))
    .sort((left, right) => left.length - right.length);
  if (matching !== undefined) return matching;
  return [
    {
      ...summary,
      keyword: 'type',
      params: { type: types.map(({ params }) => String(params['type'])).join(' or ') },
    },
  ];
}

function branchOf(error: ErrorObject, summary: ErrorObject): string {
  return error.schemaPath.slice(summary.schemaPath.length + 1).split('/')[0] ?? '';
}
