import { describe, it } from 'vitest';
import { otherLevels, TestNode } from './test-node.ts';
import { sh } from './test-pods.ts';

describe.each(otherLevels)('at level $title', ({ level, refusal }) => {
  describe.skipIf(refusal !== undefined)('a Pod', { concurrent: true }, () => {
    const node = TestNode.use(level);

    it('starts, takes commands, fails its probe, is restarted and ends', async ({ expect }) => {
      const command = sh('echo begun; trap "exit 0" TERM; while :; do sleep 0.1; done');
      const probe = { periodSeconds: 1, failureThreshold: 1 };
      const livenessProbe = { ...probe, exec: { command: sh('! test -e "$HOME/ill"') } };
      const readinessProbe = { ...probe, exec: { command: sh('test -d "$HOME"') } };
      const box = { name: 'box', image: 'host', command, livenessProbe, readinessProbe };
      const init = { name: 'init', image: 'host', command: sh('echo first') };
      await node.run('whole', {
        terminationGracePeriodSeconds: 1,
        initContainers: [init],
        containers: [box],
      });
      await node.ready('whole');
      expect(await node.log('whole', 'container=init')).toBe('first\n');
      expect(await node.log('whole', 'container=box')).toBe('begun\n');
      expect(await node.shell('whole', 'touch "$HOME/ill"; hostname')).not.toBe('');
      const isAgain = ({ status }: Awaited<ReturnType<typeof node.pod>>) =>
        status?.containerStatuses?.[0]?.restartCount === 1 && status.containerStatuses[0].ready;
      const pod = await node.until('whole', isAgain);
      expect(pod.status?.containerStatuses?.[0]?.lastState?.terminated?.exitCode).toBe(0);
      await node.delete('whole');
      await node.gone('whole');
    });

    it('shows its volumes and ends in the phase its exit code gives', async ({ expect }) => {
      const metadata = { name: 'settings' };
      const data = { colour: 'blue' };
      await node.create('configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
      await node.run('failing', {
        restartPolicy: 'Never',
        volumes: [{ name: 'conf', configMap: metadata }],
        containers: [
          {
            name: 'box',
            image: 'host',
            command: sh('cat "$POD_ROOT/conf/colour"; exit 3'),
            volumeMounts: [{ name: 'conf', mountPath: '/conf' }],
          },
        ],
      });
      const pod = await node.until('failing', ({ status }) => status?.phase === 'Failed');
      expect(pod.status?.containerStatuses?.[0]?.state?.terminated?.exitCode).toBe(3);
      expect(await node.log('failing')).toBe('blue');
    });
  });
});
