import type { MetricFamily, Sample } from './text-format.ts';

/** Observed values by label set, counted in buckets. */
export interface Histogram {
  observe(labels: Readonly<Record<string, string>>, value: number): void;
  family(): MetricFamily;
}

interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly counts: number[];
  sum: number;
  count: number;
}

/** `buckets` are the upper bounds, ascending; `+Inf` is added. */
export function createHistogram(
  about: { readonly name: string; readonly help: string },
  buckets: readonly number[],
): Histogram {
  const series = new Map<string, Series>();
  return {
    observe(labels, value) {
      const key = Object.values(labels).join('\0');
      let known = series.get(key);
      if (!known) {
        known = { labels, counts: buckets.map(() => 0), sum: 0, count: 0 };
        series.set(key, known);
      }
      const bucket = buckets.findIndex((bound) => value <= bound);
      if (bucket >= 0) known.counts[bucket]! += 1;
      known.sum += value;
      known.count += 1;
    },
    family: () => ({
      ...about,
      type: 'histogram',
      samples: [...series.values()].flatMap((each) => samplesOf(each, buckets)),
    }),
  };
}

function samplesOf({ labels, counts, sum, count }: Series, buckets: readonly number[]): Sample[] {
  // Buckets are cumulative in the text, each counts all that is below its bound.
  let below = 0;
  const bounded = buckets.map((bound, index) => ({
    suffix: '_bucket',
    labels: { ...labels, le: `${bound}` },
    value: (below += counts[index] ?? 0),
  }));
  return [
    ...bounded,
    { suffix: '_bucket', labels: { ...labels, le: '+Inf' }, value: count },
    { suffix: '_sum', labels, value: sum },
    { suffix: '_count', labels, value: count },
  ];
}
