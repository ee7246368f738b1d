import { METRIC_PARTS, type Instrument, type LabelValues, type MetricPart } from './instrument.js';
import { INSTRUMENTS } from './instruments.js';
import { MAX_OPEN_VALUES } from './create-metrics.js';
import { PROCESS_METRICS } from './process-metrics.js';

const PARTS: Record<MetricPart, string> = {
  door: 'Door',
  dispatcher: 'Dispatcher',
  worker: 'Worker',
  'admin-api': 'Admin API',
};
/** A longer list of values is told by where it comes from. */
const MAX_LISTED_VALUES = 16;

const INTRODUCTION = `# Metrics

Written by \`npm run reference -w @ecluse/metrics\` from the one table of instruments (\`libs/metrics\`); a test keeps both
equal. Text format of Prometheus, at \`GET /metrics\` of a listener of its own on each service.

## Where

| process | settings | off |
| --- | --- | --- |
| ingress (door, dispatcher or both) | \`ECLUSE_INGRESS_METRICS_HOST\`, \`ECLUSE_INGRESS_METRICS_PORT\` | port not set |
| worker | \`ECLUSE_WORKER_METRICS_HOST\`, \`ECLUSE_WORKER_METRICS_PORT\` | port not set |
| admin API | \`ECLUSE_ADMIN_METRICS_HOST\`, \`ECLUSE_ADMIN_METRICS_PORT\` | port not set |

The host is \`127.0.0.1\` unless set. The figures hold no secret, but they tell how busy a platform is: the listener asks for
no key, so it belongs on loopback or on a network of its own, never on the port that senders reach. The local stack plans
the ports; \`ecluse status\` shows them.

The worker's endpoint also serves the metrics of the Temporal SDK (names begin with \`temporal_\`; see Temporal's own
reference): slots, polls, schedule-to-start times, sticky cache.

## Labels

Every label has a closed or bounded set of values. No label names a tenant, a flow, a connection, a queue or anything out of
a payload: a series stays for as long as its process, and readers of metrics need not be allowed to see a tenant's data. The
admin API answers what one tenant, flow or connection does. An open set keeps its first ${String(MAX_OPEN_VALUES)} values; later ones are counted as
\`other\`.
`;

/** The reference page of all metrics, in Markdown. */
export function renderReference(): string {
  const all: Instrument[] = Object.values(INSTRUMENTS);
  const own = METRIC_PARTS.map((part) => ({
    title: PARTS[part],
    instruments: all.filter(({ parts }) => parts.length === 1 && parts[0] === part),
  }));
  const shared = { title: 'Several parts', instruments: all.filter(({ parts }) => parts.length > 1) };
  const sections = [...own, shared].map(
    ({ title, instruments }) => `## ${title}\n\n${instruments.map(renderInstrument).join('\n\n')}`,
  );
  return `${INTRODUCTION}\n${sections.join('\n\n')}\n\n${renderProcess()}\n`;
}

function renderInstrument(instrument: Instrument): string {
  const { name, type, unit, help, parts, labels } = instrument;
  return [
    `### \`${name}\``,
    '',
    `${help}.`,
    '',
    `- Type: ${type}`,
    `- Unit: ${unit}`,
    ...(parts.length > 1 ? [`- Shown by: ${parts.join(', ')}`] : []),
    ...Object.entries(labels).map(([label, values]) => `- Label \`${label}\`: ${renderValues(values)}`),
    ...(instrument.type === 'histogram' ? [`- Buckets up to: ${instrument.buckets.join(', ')}`] : []),
  ].join('\n');
}

function renderValues(values: LabelValues): string {
  if ('boundedBy' in values) return `bounded by ${values.boundedBy}`;
  if (values.length <= MAX_LISTED_VALUES) return values.map((value) => `\`${value}\``).join(', ');
  return `one of the ${String(values.length)} that [errors](errors.md) lists`;
}

function renderProcess(): string {
  return [
    '## Process',
    'On every endpoint, as `prom-client` takes them.',
    ['| metric | type | what |', '| --- | --- | --- |', ...PROCESS_METRICS.map(renderProcessMetric)].join(
      '\n',
    ),
  ].join('\n\n');
}

function renderProcessMetric({ name, type, help }: (typeof PROCESS_METRICS)[number]): string {
  return `| \`${name}\` | ${type} | ${help} |`;
}
