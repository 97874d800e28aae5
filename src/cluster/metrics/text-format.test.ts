import { expect, test } from 'vitest';
import { createHistogram } from './histogram.ts';
import { textFormat } from './text-format.ts';

test('the text escapes what would end a label or a line', () => {
  const text = textFormat([
    {
      name: 'a_total',
      type: 'counter',
      help: 'one \\ two\nthree',
      samples: [{ labels: { path: 'C:\\x "y"\nz', empty: '' }, value: 1 }, { value: Infinity }],
    },
    { name: 'b', type: 'gauge', help: 'left out', samples: [] },
  ]);
  expect(text).toBe(
    String.raw`# HELP a_total one \\ two\nthree
# TYPE a_total counter
a_total{path="C:\\x \"y\"\nz",empty=""} 1
a_total +Inf
`,
  );
});

test("a histogram's buckets are cumulative, and the last counts all", () => {
  const histogram = createHistogram({ name: 'seconds', help: 'h' }, [0.1, 1]);
  for (const value of [0.1, 0.05, 0.5, 3]) histogram.observe({ verb: 'GET' }, value);
  expect(textFormat([histogram.family()])).toBe(`# HELP seconds h
# TYPE seconds histogram
seconds_bucket{verb="GET",le="0.1"} 2
seconds_bucket{verb="GET",le="1"} 3
seconds_bucket{verb="GET",le="+Inf"} 4
seconds_sum{verb="GET"} 3.65
seconds_count{verb="GET"} 4
`);
});
