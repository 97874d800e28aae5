import { describe, expect, it } from 'vitest';
import { kubectlOf, VERSIONS } from '../kubectl-versions/install.ts';
import { useCluster } from '../support/cluster.ts';
import { liveThroughTheNote } from '../support/the-note.ts';

describe("the note with every kubectl, on today's data plane", () => {
  const world = useCluster();
  it.each(VERSIONS)('%s: the removed Pod keeps about half of the traffic', async (version) => {
    await liveThroughTheNote(world.cluster.kubeconfigPath, kubectlOf(version), (share) => {
      expect(share).toBeGreaterThanOrEqual(0.25);
      expect(share).toBeLessThanOrEqual(0.75);
    });
  });
});

describe('the note with every kubectl, on the data plane it was written for', () => {
  const world = useCluster({ proxyFollows: 'endpoints' });
  it.each(VERSIONS)('%s: the removed Pod gets no traffic', async (version) => {
    await liveThroughTheNote(world.cluster.kubeconfigPath, kubectlOf(version), (share) => {
      expect(share).toBe(0);
    });
  });
});
