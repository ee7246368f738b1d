import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

const DESCRIPTION = `Sources, connections, flows, deliveries, runs, dead letters, releases and audit of one tenant: the key's.

Every error is an RFC 9457 problem document with a code of docs/reference/errors.md. Lists are paged by an opaque cursor.
Every POST needs an \`Idempotency-Key\`; a PUT of something that exists needs \`If-Match\`. Every answer has an \`X-Request-Id\`,
which the audit log and the service's log repeat.`;

/** The OpenAPI 3.1 document, as committed at docs/reference/openapi.json. */
export function createOpenApi(app: NestFastifyApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Ecluse admin API')
    .setVersion('1')
    .setDescription(DESCRIPTION)
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'ecl_<key id>_<secret>' }, 'apiKey')
    .build();
  return SwaggerModule.createDocument(app, config, { operationIdFactory: operationId });
}

/** Serves the document at /v1/openapi.json and a page at /docs. Both are open: they hold no data. Assets come from this process. */
export function serveOpenApi(app: NestFastifyApplication): void {
  const document = createOpenApi(app);
  const json = JSON.stringify(document);
  app
    .getHttpAdapter()
    .getInstance()
    .get('/v1/openapi.json', (_request, reply) => reply.type('application/json; charset=utf-8').send(json));
  SwaggerModule.setup('docs', app, document, { raw: false, customSiteTitle: 'Ecluse admin API' });
}

/** `SourcesController.addSecret` becomes `sources.addSecret`. */
function operationId(controller: string, method: string): string {
  const resource = controller.replace(/Controller$/, '');
  return `${resource.charAt(0).toLowerCase()}${resource.slice(1)}.${method}`;
}
