export { createLogger, LOG_FIELDS, type Logger, type LogField, type LogFields } from './logger.js';
export { redactText } from './redact-text.js';
