export { workflowsPath, workflowBundlerOptions } from './workflow-source.js';
export { BUNDLE_PATH, BUILD_ID_PATH, readBuildId, type BuildId } from './built-bundle.js';
export { bundleFlowRun, MAX_BUNDLE_BYTES } from './bundle-flow-run.js';
