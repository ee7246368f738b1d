export { METRIC_PARTS, type MetricPart, type Instrument, type LabelValues } from './instrument.js';
export { INSTRUMENTS, type InstrumentName, type Instruments } from './instruments.js';
export {
  createMetrics,
  MAX_OPEN_VALUES,
  type CounterHandle,
  type GaugeHandle,
  type HistogramHandle,
  type InstrumentsOf,
  type LabelsOf,
  type Metrics,
} from './create-metrics.js';
export { platformObservers } from './platform-observers.js';
export { listenForMetrics, type MetricsListener, type MetricsListenerOptions } from './metrics-listener.js';
