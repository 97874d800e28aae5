export { createHistogram, type Histogram } from './histogram.ts';
export { processMetrics } from './process-metrics.ts';
export { type MetricFamily, type Sample, textFormat, textFormatType } from './text-format.ts';
