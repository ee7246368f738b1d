export { DeliveryDocuments, type DeliveryDocument, type DeliveryDocumentDeps } from './delivery-documents.js';
export { evaluateOver, assertSize, MAX_RESULT_BYTES, type MappingEvaluator } from './evaluate-over.js';
