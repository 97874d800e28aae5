import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { eventReasons } from '../../src/engine/kubernetes-events/reasons.ts';

it('lists every reason of a Kubernetes Event, and none that is gone', async () => {
  const page = await readFile(new URL('../../docs/reference/events.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `(\w+)` \| (.+) \|$/gm)];
  expect(Object.fromEntries(rows.map(([, reason, meaning]) => [reason, meaning]))).toEqual(
    eventReasons,
  );
});
