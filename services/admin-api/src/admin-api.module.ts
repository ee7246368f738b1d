import { Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, DiscoveryModule } from '@nestjs/core';
import type { Logger } from '@ecluse/observability';
import { ApiKeyGuard } from './access/api-key.guard.js';
import { DenyByDefault } from './access/deny-by-default.js';
import { MeController } from './access/me.controller.js';
import { AuditController } from './audit/audit.controller.js';
import { ConnectionsController } from './connections/connections.controller.js';
import { DeadLettersController } from './dead-letters/dead-letters.controller.js';
import { DeliveriesController } from './deliveries/deliveries.controller.js';
import { DocumentReader } from './documents/document-reader.js';
import { FlowsController } from './flows/flows.controller.js';
import { HealthController } from './health/health.controller.js';
import { IdempotencyInterceptor } from './http/idempotency.interceptor.js';
import { LinkInterceptor } from './http/link.interceptor.js';
import { LOG, part, type AdminApiParts } from './ports.js';
import { LanesController } from './lanes/lanes.controller.js';
import { ReleasesController } from './releases/releases.controller.js';
import { RunsController } from './runs/runs.controller.js';
import { SourcesController } from './sources/sources.controller.js';
import { UiSessionsController } from './ui-sessions/ui-sessions.controller.js';

@Module({})
export class AdminApiModule {
  static with(parts: AdminApiParts, log: Logger): DynamicModule {
    const ports = (Object.keys(parts) as (keyof AdminApiParts)[]).map((name) => ({
      provide: part(name),
      useValue: parts[name],
    }));
    return {
      module: AdminApiModule,
      imports: [DiscoveryModule],
      controllers: [
        SourcesController,
        ConnectionsController,
        FlowsController,
        ReleasesController,
        DeliveriesController,
        RunsController,
        DeadLettersController,
        LanesController,
        AuditController,
        UiSessionsController,
        MeController,
        HealthController,
      ],
      providers: [
        ...ports,
        { provide: LOG, useValue: log },
        DocumentReader,
        DenyByDefault,
        { provide: APP_GUARD, useClass: ApiKeyGuard },
        { provide: APP_INTERCEPTOR, useClass: LinkInterceptor },
        { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
      ],
    };
  }
}
