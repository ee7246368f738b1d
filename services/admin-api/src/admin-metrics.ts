import { createMetrics, type Metrics } from '@ecluse/metrics';

export type AdminMetrics = Metrics<'admin-api'>;
/** Told of each answered request. */
export type RequestObserver = (method: string, status: number, seconds: number) => void;

const METHODS = ['GET', 'PUT', 'POST', 'DELETE'] as const;
const STATUSES = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const;

export function createAdminMetrics(): AdminMetrics {
  return createMetrics(['admin-api']);
}

export function requestObserver({ instruments }: AdminMetrics): RequestObserver {
  return (method, status, seconds) => {
    const labels = {
      method: METHODS.find((known) => known === method) ?? 'other',
      status: STATUSES[Math.floor(status / 100) - 1] ?? '5xx',
    } as const;
    instruments.adminRequestDuration.observe(labels, seconds);
  };
}
