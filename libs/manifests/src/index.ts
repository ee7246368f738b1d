export {
  parseDocument,
  MAX_DOCUMENT_LENGTH,
  DOCUMENT_KINDS,
  type DocumentKind,
  type DocumentText,
  type ParsedDocument,
} from './parse-document.js';
export type { Place } from './document-places.js';
export { readDocument, refuse, SCHEMAS, type ValidDocument, type SpecFault } from './read-document.js';
export { checkSchema, MAX_ERRORS, type SchemaFault } from './check-schema.js';
export { checkFlow, toFlowDefinition, type Catalogue, type CatalogueOperation } from './check-flow.js';
