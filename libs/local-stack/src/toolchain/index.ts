export { toolchainCache } from './cache.js';
export { type BuildProgress } from './progress.js';
export { type ServerPart } from './recipes.js';
export {
  locateServer,
  resolveServer,
  resolveToolchain,
  type Toolchain,
  type ToolchainOptions,
  type ToolchainOrigin,
  type ToolchainServer,
} from './resolve-toolchain.js';
