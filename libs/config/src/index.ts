export { loadConfig } from './load-config.js';
export { summarise } from './summarise.js';
export { FromEnv, FromSecretFile, variablesOf, type ConfigClass, type Variable } from './variable.js';
export { BreakableServiceConfig, FromOptionalPort, FromPort, ServiceConfig } from './service-config.js';
