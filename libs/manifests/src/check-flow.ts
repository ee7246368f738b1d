import { createHash } from 'node:crypto';
import type { FlowDefinition } from '@ecluse/contracts';
import { EcluseError, type ErrorDetail, type ErrorName } from '@ecluse/errors';
import {
  checkSharing,
  checkSteps,
  flowHashInput,
  isCallStep,
  placeExpressions,
  placeSteps,
  type PlacedExpression,
} from '@ecluse/flow-model';
import { analyse } from '@ecluse/mapping';
import { MAX_ERRORS } from './check-schema.js';
import { nearestName } from './nearest-name.js';
import { toDetail, type SpecFault, type ValidDocument } from './read-document.js';

/** What a flow may refer to. */
export interface Catalogue {
  hasSource(name: string): Promise<boolean>;
  /** Operations of a connection; undefined when there is no such connection. */
  operationsOf(connection: string): Promise<readonly CatalogueOperation[] | undefined>;
  /** Names that exist, to suggest one for a misspelt name; asked only then. Without it nothing is suggested. */
  names?(kind: 'source' | 'connection'): Promise<readonly string[]>;
}
export interface CatalogueOperation {
  name: string;
  effect: string;
  /** Whether the operation says how a repeated call is kept from a second effect, or that doubt is parked. */
  hasIdempotency: boolean;
}
type Fault = SpecFault & { code: ErrorName };

/** The executable form of a valid flow document. */
export function toFlowDefinition({ spec }: ValidDocument): { definition: FlowDefinition; sha256: string } {
  const definition = { onFailure: { deadLetter: true }, ...spec } as unknown as FlowDefinition;
  return { definition, sha256: createHash('sha256').update(flowHashInput(definition)).digest('hex') };
}

/**
 * Checks what a schema cannot say: step rules, order and batches, expressions, references, safe writes.
 * Throws the first fault's entry (DOCUMENT_INVALID, EXPRESSION_INVALID, REFERENCE_UNKNOWN, WRITE_UNSAFE) with all
 * faults in `errors`, each with its own code, file, line and column.
 */
export async function checkFlow(document: ValidDocument, catalogue: Catalogue): Promise<void> {
  const { definition } = toFlowDefinition(document);
  const faults: Fault[] = [
    ...[...checkSharing(definition), ...checkSteps(definition)].map((issue): Fault => ({
      ...issue,
      code: issue.kind === 'reference' ? 'REFERENCE_UNKNOWN' : 'DOCUMENT_INVALID',
    })),
    ...placeExpressions(definition).flatMap(expressionFaults),
    ...(await referenceFaults(definition, catalogue)),
  ];
  const [first] = faults;
  if (first === undefined) return;
  const errors: ErrorDetail[] = faults
    .slice(0, MAX_ERRORS)
    .map((fault) => toDetail(document, fault.code, fault));
  throw new EcluseError(first.code, { errors });
}

function expressionFaults({ expression, pointer, preceding }: PlacedExpression): Fault[] {
  const analysis = analyse(expression);
  if (!analysis.ok) {
    return analysis.faults.map((fault): Fault => {
      const { position: offset, message, expected, remedy } = fault;
      return { code: 'EXPRESSION_INVALID', pointer, offset, message, expected, remedy };
    });
  }
  return analysis.references.steps
    .filter(({ id, cut }) => !preceding.has(id) || (cut !== undefined && preceding.has(`${id}${cut}`)))
    .map(({ id, position, cut }): Fault => {
      return {
        code: 'REFERENCE_UNKNOWN',
        pointer,
        offset: position,
        message: `\`$steps.${id}\` is not a step that has run by then`,
        expected: [...preceding].join(', ') || 'no step runs before this one',
        remedy: stepRemedy(id, cut, preceding),
      };
    });
}

function stepRemedy(id: string, cut: string | undefined, preceding: ReadonlySet<string>): string {
  if (cut !== undefined) return `Write ids with a hyphen in backquotes: $steps.\`${id}${cut}\`.`;
  const close = nearestName(id, [...preceding]);
  return close === undefined ? 'Use a step that comes before.' : `Did you mean \`${close}\`?`;
}

async function referenceFaults(definition: FlowDefinition, catalogue: Catalogue): Promise<Fault[]> {
  const faults: Fault[] = [];
  const { source } = definition.on;
  if (!(await catalogue.hasSource(source))) {
    faults.push(await undefinedName('source', source, '/on/source', catalogue));
  }
  for (const { step, pointer } of placeSteps(definition)) {
    if (!isCallStep(step)) continue;
    const { connection, operation } = step.call;
    const operations = await catalogue.operationsOf(connection);
    faults.push(
      ...(operations === undefined
        ? [await undefinedName('connection', connection, `${pointer}/call/connection`, catalogue)]
        : operationFaults(operation, operations, `${pointer}/call/operation`)),
    );
  }
  return faults;
}

async function undefinedName(
  kind: 'source' | 'connection',
  name: string,
  pointer: string,
  catalogue: Catalogue,
): Promise<Fault> {
  const close = nearestName(name, (await catalogue.names?.(kind)) ?? []);
  const remedy = close === undefined ? `Apply the ${kind} first.` : `Did you mean \`${close}\`?`;
  return unknown(pointer, `${kind} \`${name}\` is not defined`, `a ${kind} of this tenant`, remedy);
}

function operationFaults(name: string, operations: readonly CatalogueOperation[], pointer: string): Fault[] {
  const operation = operations.find((candidate) => candidate.name === name);
  if (operation === undefined) {
    const names = operations.map((candidate) => candidate.name);
    const close = nearestName(name, names);
    const remedy =
      close === undefined ? 'Use one of these, or add it to the connection.' : `Did you mean \`${close}\`?`;
    return [
      unknown(pointer, `operation \`${name}\` is not defined by the connection`, names.join(', '), remedy),
    ];
  }
  if (operation.effect === 'read' || operation.hasIdempotency) return [];
  return [
    {
      code: 'WRITE_UNSAFE',
      pointer,
      message: `operation \`${name}\` writes and says nothing about repeated calls`,
      expected: '`idempotency` on the operation',
      remedy:
        'Declare `idempotency: { kind: external_id, field: … }`, or `{ kind: none, onAmbiguous: park }`.',
    },
  ];
}

function unknown(pointer: string, message: string, expected: string, remedy: string): Fault {
  return { code: 'REFERENCE_UNKNOWN', pointer, message, expected, remedy };
}
