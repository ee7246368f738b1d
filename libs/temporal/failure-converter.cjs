'use strict';
// CommonJS, outside src and dist: Temporal loads it by path with require(), from built code and from tests alike.
const { DefaultFailureConverter } = require('@temporalio/common');

/** Moves message and stack trace of a failure into a payload, so that the codec encrypts them. */
exports.failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
