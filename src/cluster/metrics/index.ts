export { createHistogram } from './histogram.ts';
export { processMetrics } from './process-metrics.ts';
export { type MetricFamily, textFormat, textFormatType } from './text-format.ts';
