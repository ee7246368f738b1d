import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { INSTRUMENTS, type InstrumentName, type Instruments } from './instruments.js';
import type { Instrument, LabelValues, MetricPart } from './instrument.js';

/** Most values of a label whose set is open; what comes later counts as `other`. */
export const MAX_OPEN_VALUES = 50;

type ValueOf<V extends LabelValues> = V extends readonly (infer Value)[] ? Value : string;
/** The labels of one instrument: all of them, each with a value of its set. */
export type LabelsOf<I extends Instrument> = { [L in keyof I['labels']]: ValueOf<I['labels'][L]> };

export interface CounterHandle<L> {
  /** Default 1. */
  add(labels: L, count?: number): void;
}
export interface GaugeHandle<L> {
  set(labels: L, value: number): void;
  /** Asks for the value at each scrape instead. */
  read(labels: L, value: () => number): void;
}
export interface HistogramHandle<L> {
  observe(labels: L, value: number): void;
}
type HandleOf<I extends Instrument> = I['type'] extends 'counter'
  ? CounterHandle<LabelsOf<I>>
  : I['type'] extends 'gauge'
    ? GaugeHandle<LabelsOf<I>>
    : HistogramHandle<LabelsOf<I>>;

type NamesOf<P extends MetricPart> = {
  [N in InstrumentName]: P extends Instruments[N]['parts'][number] ? N : never;
}[InstrumentName];

/** Every instrument of the parts, by its key in the table. */
export type InstrumentsOf<P extends MetricPart> = { [N in NamesOf<P>]: HandleOf<Instruments[N]> };

/** The metrics of one process. */
export interface Metrics<P extends MetricPart> {
  readonly instruments: InstrumentsOf<P>;
  /** Runs before each scrape, with the others at once; a failing one leaves its figures as they were. */
  beforeScrape(collect: () => Promise<void>): void;
  /** Everything, in Prometheus' text format. */
  scrape(): Promise<{ contentType: string; text: string }>;
}

/**
 * Makes the instruments of the parts that run in this process, in a registry of their own, and those of the process
 * itself (CPU, memory, event-loop delay, garbage collection).
 */
export function createMetrics<P extends MetricPart>(parts: readonly P[]): Metrics<P> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const collectors: (() => Promise<void>)[] = [];
  const wanted = Object.entries<Instrument>(INSTRUMENTS).filter(([, { parts: shownBy }]) =>
    shownBy.some((part) => (parts as readonly MetricPart[]).includes(part)),
  );
  const handles = wanted.map(([name, instrument]) => [name, handleOf(instrument, registry)] as const);
  return {
    // The filter above is the value-level twin of NamesOf.
    instruments: Object.fromEntries(handles) as InstrumentsOf<P>,
    beforeScrape: (collect) => {
      collectors.push(collect);
    },
    scrape: async () => {
      await Promise.allSettled(collectors.map((collect) => collect()));
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

type Labels = Record<string, string>;

function handleOf(
  instrument: Instrument,
  registry: Registry,
): CounterHandle<Labels> | GaugeHandle<Labels> | HistogramHandle<Labels> {
  const { name, help, labels } = instrument;
  const options = { name, help, labelNames: Object.keys(labels), registers: [registry] };
  const bound = boundLabels(labels);
  switch (instrument.type) {
    case 'counter': {
      const counter = new Counter(options);
      return {
        add: (given, count = 1) => {
          counter.inc(bound(given), count);
        },
      };
    }
    case 'gauge':
      return gaugeHandle(options, bound);
    case 'histogram': {
      const histogram = new Histogram({ ...options, buckets: [...instrument.buckets] });
      return {
        observe: (given, value) => {
          histogram.observe(bound(given), value);
        },
      };
    }
  }
}

function gaugeHandle(
  options: { name: string; help: string; labelNames: string[]; registers: Registry[] },
  bound: (labels: Labels) => Labels,
): GaugeHandle<Labels> {
  const sources: { labels: Labels; value: () => number }[] = [];
  const gauge = new Gauge({
    ...options,
    collect() {
      for (const { labels, value } of sources) this.set(labels, value());
    },
  });
  return {
    set: (given, value) => {
      gauge.set(bound(given), value);
    },
    read: (given, value) => {
      sources.push({ labels: bound(given), value });
    },
  };
}

/** Keeps every label within its set, whatever the caller's types said: a series that exists stays for ever. */
function boundLabels(labels: Readonly<Record<string, LabelValues>>): (given: Labels) => Labels {
  const sets = Object.entries(labels).map(([label, values]) => {
    const closed = 'boundedBy' in values ? undefined : new Set(values);
    return { label, closed, seen: closed ?? new Set<string>() };
  });
  return (given) => {
    const kept: Labels = {};
    for (const { label, closed, seen } of sets) {
      const value = given[label] ?? 'other';
      if (closed === undefined && seen.size < MAX_OPEN_VALUES) seen.add(value);
      kept[label] = seen.has(value) ? value : 'other';
    }
    return kept;
  };
}
