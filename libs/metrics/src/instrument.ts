/** Parts of the platform that have metrics. One ingress process may be door and dispatcher at once. */
export const METRIC_PARTS = ['door', 'dispatcher', 'worker', 'admin-api'] as const;
export type MetricPart = (typeof METRIC_PARTS)[number];

/**
 * Values that a label may have: a closed set, or what bounds an open one. No label holds a tenant, a flow, a queue, a
 * key or anything of a payload: each value is a time series for ever, and metrics are read by people who may not see
 * what a tenant sends. Who needs figures of one tenant or flow asks the admin API.
 */
export type LabelValues = readonly string[] | { readonly boundedBy: string };

interface InstrumentBase {
  /** Name in Prometheus' notation: unit in the name, `_total` at the end of counters. */
  readonly name: string;
  /** One sentence without a full stop. */
  readonly help: string;
  readonly unit: 'seconds' | 'bytes' | 'count';
  /** Whose endpoint shows it. */
  readonly parts: readonly MetricPart[];
  readonly labels: Readonly<Record<string, LabelValues>>;
}
export interface CounterInstrument extends InstrumentBase {
  readonly type: 'counter';
}
export interface GaugeInstrument extends InstrumentBase {
  readonly type: 'gauge';
}
export interface HistogramInstrument extends InstrumentBase {
  readonly type: 'histogram';
  /** Upper bounds, ascending, in the instrument's unit. */
  readonly buckets: readonly number[];
}
export type Instrument = CounterInstrument | GaugeInstrument | HistogramInstrument;
