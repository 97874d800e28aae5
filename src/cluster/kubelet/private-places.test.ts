import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { hasNamespaces } from '../network/index.ts';
import { Cluster } from '../launch/cluster.ts';
import { levelsHere, TestNode } from './test-node.ts';

const SLEEP = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.1; done'];
const repository = new URL('../../..', import.meta.url).pathname;

/** A user's home with secrets and with a program that needs its library; not below /tmp, which is hidden anyway. */
async function makeHome(): Promise<string> {
  const home = await mkdtemp(join(repository, 'node_modules', '.home-'));
  const files = {
    '.kube/config': 'secret',
    '.ssh/id_ed25519': 'secret',
    'project/server.txt': 'served',
    '.jdks/17/lib/word': 'found',
    '.jdks/17/bin/say': '#!/bin/sh\ncat "$(dirname "$(readlink -f "$0")")/../lib/word"\n',
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(home, name, '..'), { recursive: true });
    await writeFile(join(home, name), content);
  }
  await chmod(join(home, '.jdks/17/bin/say'), 0o755);
  return home;
}

describe.each(levelsHere)('at level $title', ({ level, refusal }) => {
  describe.skipIf(refusal !== undefined)('a container', () => {
    const given = { home: '', directory: '' };
    let node: TestNode;

    beforeAll(async () => {
      await using started = new AsyncDisposableStack();
      const home = await makeHome();
      started.defer(() => rm(home, { recursive: true }));
      vi.stubEnv('HOME', home);
      vi.stubEnv('PATH', `${home}/.jdks/17/bin:${process.env['PATH']}`);
      started.defer(() => void vi.unstubAllEnvs());
      const directory = join(home, '..', `.cluster-${level}-${process.pid}`);
      const project = { source: join(home, 'project'), target: '/srv/project', readOnly: true };
      const images = { server: { command: SLEEP, files: [project] } };
      const name = `private-${process.pid}`;
      const cluster = started.use(
        await Cluster.start({ name, level, directory, images, nodes: 1 }),
      );
      Object.assign(given, { home, directory });
      node = TestNode.of(cluster);
      await node.run('box', { containers: [{ name: 'box', image: 'server' }] });
      await node.ready('box');
      const all = started.move();
      return () => all.disposeAsync();
    });

    it('has a home of its own that it can write', async () => {
      expect(await node.shell('box', 'cd "$HOME" && echo mine > note && cat note')).toBe('mine\n');
      expect((await node.exec('box', ['sh', '-c', 'cat "$HOME/.kube/config"'])).exitCode).toBe(1);
      expect(await readdir(given.home)).not.toContain('note');
    });

    it.skipIf(!hasNamespaces(level))('does not see what is private on the machine', async () => {
      const { home, directory } = given;
      for (const file of [`${home}/.ssh/id_ed25519`, `${home}/.kube/config`, `${home}/project`])
        expect(await node.exec('box', ['ls', file])).toMatchObject({ exitCode: 2 });
      expect(existsSync(join(directory, 'kubeconfig'))).toBe(true);
      expect(await node.shell('box', `ls -A ${directory}; cat /etc/shadow`)).toBe('');
      expect(await node.shell('box', `touch ${home}/note && ls ${home}/note`)).toContain('note');
      expect(await readdir(home)).not.toContain('note');
    });

    it.skipIf(!hasNamespaces(level))('sees what its image and its PATH need', async () => {
      expect(await node.shell('box', 'cat /srv/project/server.txt; say; node -p 1')).toBe(
        'servedfound1\n',
      );
      expect(await node.shell('box', `ls -A ${given.home}`)).toMatch(/^\.jdks\n(note\n)?$/);
    });

    it.skipIf(!hasNamespaces(level))(
      'cannot write its home when its root is read-only',
      async () => {
        const securityContext = { readOnlyRootFilesystem: true };
        await node.run('strict', {
          containers: [{ name: 'box', image: 'server', securityContext }],
        });
        await node.ready('strict');
        for (const path of ['/root/x', `${given.home}/x`])
          expect((await node.exec('strict', ['touch', path])).stderr).toContain('Read-only');
      },
    );

    it.skipIf(!hasNamespaces(level))('shows a volume below a home', async () => {
      const volumeMounts = ['/root/.config', `${given.home}/data`, '/etc/kubernetes/x'].map(
        (mountPath) => ({ name: 'data', mountPath }),
      );
      await node.run('mounted', {
        volumes: [{ name: 'data', emptyDir: {} }],
        containers: [{ name: 'box', image: 'server', volumeMounts }],
      });
      await node.ready('mounted');
      expect(
        await node.shell(
          'mounted',
          `echo x > /root/.config/f; cat ${given.home}/data/f /etc/kubernetes/x/f`,
        ),
      ).toBe('x\nx\n');
    });
  });
});
