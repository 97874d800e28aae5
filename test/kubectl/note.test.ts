import { describe, expect, it } from 'vitest';
import { useCluster } from '../support/cluster.ts';
import { findKubectls } from '../support/kubectl.ts';
import { liveThroughTheNote } from '../support/the-note.ts';

const binary = findKubectls().get('PATH') ?? '';
const timeout = 600_000;

describe.skipIf(!binary)("the note, on today's data plane", () => {
  const world = useCluster();
  it('goes through, and the removed Pod keeps about half of the traffic', { timeout }, async () => {
    await liveThroughTheNote(world.cluster.kubeconfigPath, binary, (share) => {
      expect(share).toBeGreaterThanOrEqual(0.25);
      expect(share).toBeLessThanOrEqual(0.75);
    });
  });
});

describe.skipIf(!binary)('the note, on the data plane it was written for', () => {
  const world = useCluster({ proxyFollows: 'endpoints' });
  it('goes through, and the removed Pod gets no traffic', { timeout }, async () => {
    await liveThroughTheNote(world.cluster.kubeconfigPath, binary, (share) => {
      expect(share).toBe(0);
    });
  });
});
