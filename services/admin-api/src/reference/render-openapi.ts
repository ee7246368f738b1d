import { createLogger } from '@ecluse/observability';
import { createAdminApp } from '../create-admin-app.js';
import { createOpenApi } from '../http/openapi.js';
import type { AdminApiParts } from '../ports.js';

/** The OpenAPI document, from the routes alone: nothing behind them is connected, or asked. */
export async function renderOpenApi(): Promise<string> {
  const silent = createLogger('admin-api', 'silent');
  const app = await createAdminApp(unconnectedParts(), silent);
  try {
    return `${JSON.stringify(createOpenApi(app), null, 2)}\n`;
  } finally {
    await app.close();
  }
}

function unconnectedParts(): AdminApiParts {
  const nothing = {} as never;
  return {
    sources: nothing,
    connections: nothing,
    flows: nothing,
    deliveries: nothing,
    runs: nothing,
    deadLetters: nothing,
    replays: nothing,
    lanes: nothing,
    audit: nothing,
    apiKeys: nothing,
    idempotency: nothing,
    secrets: nothing,
    bodies: nothing,
    operatorLinks: nothing,
    checks: {},
    otherChecks: {},
    doorPublicUrl: 'http://127.0.0.1:8700',
    version: '0',
  };
}
