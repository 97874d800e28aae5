import { describe, expect, test } from 'vitest';
import { hasNamespaces, inside, moduleName } from '../network/test-inside.ts';
import { runNft } from './nft.ts';

const hasNft = await runNft(['--version']).then(
  () => true,
  () => false,
);
const setUp = `
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { clusterIP, setUp } from ${moduleName('./test-kernel.ts', import.meta.url)};
`;
const rules = (program: string) => inside(`${setUp}${program}`);

// Says who answered, without whom it answered.
const names = `const names = (seen) => Object.keys(seen).map((said) => said.split(' ')[0]).sort();`;

describe.skipIf(!hasNamespaces || !hasNft)(
  'Services in the kernel (needs nft and namespaces)',
  () => {
    test('a ClusterIP leads to all endpoints, and refuses without any', async () => {
      const seen = await rules(`${names}
        const t = await setUp();
        t.service();
        const before = await t.ask('a', clusterIP, 80, 3);
        const unknown = await t.ask('a', '10.96.9.9', 80, 1);
        t.slice(['a', 'b']);
        await t.plane.settled();
        const two = await t.ask('c');
        const own = await t.ask('a');
        await t.change(['c']);
        const one = await t.ask('a', clusterIP, 80, 5);
        t.api.delete('services', { namespace: 'default', name: 'web' });
        await t.plane.settled();
        tell({ before, unknown, two: Object.keys(two).sort(), own: Object.keys(own).sort(), one,
          after: await t.ask('a', clusterIP, 80, 1), errors: t.errors });`);
      expect(seen).toEqual({
        before: { ECONNREFUSED: 3 },
        unknown: { ECONNREFUSED: 1 },
        two: ['a 10.244.2.3', 'b 10.244.2.3'],
        // A Pod that reaches itself has to believe that somebody else is asking.
        own: ['a 10.0.0.2', 'b 10.244.1.2'],
        one: { 'c 10.244.1.2': 5 },
        after: { ECONNREFUSED: 1 },
        errors: [],
      });
    });

    test('an established connection stays with its endpoint when that is taken out', async () => {
      const seen = await rules(`
        import { connect } from 'node:net';
        const t = await setUp();
        t.service();
        t.slice(['a']);
        await t.plane.settled();
        const socket = connect(80, clusterIP);
        await once(socket, 'data');
        await t.change(['b']);
        socket.write('still there?');
        const [said] = await once(socket, 'data');
        tell({ old: String(said), next: await t.ask('c', clusterIP, 80, 3) });`);
      expect(seen).toEqual({ old: 'a\n', next: { 'b 10.244.2.3': 3 } });
    });

    test('a UDP client that never falls silent leaves an endpoint that has gone', async () => {
      const seen = await rules(`
        const t = await setUp();
        t.service({ ports: [{ name: 'dns', port: 53, protocol: 'UDP', targetPort: 8080 }] });
        t.slice(['a'], [{ name: 'dns', port: 8080, protocol: 'UDP' }]);
        await t.plane.settled();
        const [far, near] = [await t.udp('c'), await t.udp('a')];
        const before = [await far(), await far(), await near()];
        await t.change(['b']);
        const after = [await far(), await far(), await near()];
        await t.change(['a']);
        tell({ before, after, again: [await far(), await near()], errors: t.errors });`);
      expect(seen).toEqual({
        before: ['a', 'a', 'a'],
        after: ['b', 'b', 'b'],
        again: ['a', 'a'],
        errors: [],
      });
    });

    test('with ClientIP affinity a client comes back to its endpoint, while that is one', async () => {
      const seen = await rules(`${names}
        const t = await setUp();
        t.service({ sessionAffinity: 'ClientIP' });
        t.slice(['a', 'b', 'c']);
        await t.plane.settled();
        const first = await t.ask('a', clusterIP, 80, 10);
        const [held] = names(first);
        const others = ['a', 'b', 'c'].filter((name) => name !== held);
        await t.change(others);
        const moved = names(await t.ask('a', clusterIP, 80, 10));
        await t.change(['a', 'b', 'c']);
        const stayed = names(await t.ask('a', clusterIP, 80, 10));
        tell({ first: names(first).length, moved: moved.length, isOther: others.includes(moved[0]),
          stayed: moved[0] === stayed[0], errors: t.errors });`);
      expect(seen).toEqual({ first: 1, moved: 1, isOther: true, stayed: true, errors: [] });
    });

    test('Local policies keep traffic on the node where it is, or drop it', async () => {
      const seen = await rules(`${names}
        const t = await setUp();
        t.service({ type: 'NodePort', internalTrafficPolicy: 'Local', externalTrafficPolicy: 'Local',
          ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }] });
        t.slice(['b', 'c']);
        await t.plane.settled();
        tell({
          onNode: names(await t.ask('b')),
          elsewhere: await t.ask('a', clusterIP, 80, 1),
          nodePort: Object.keys(await t.ask('a', '10.0.0.12', 30080)).sort(),
          otherNodePort: await t.ask('b', '10.0.0.11', 30080, 1),
          ownPods: names(await t.ask('a', '10.0.0.11', 30080)),
          errors: t.errors });`);
      expect(seen).toEqual({
        onNode: ['b', 'c'],
        elsewhere: { timeout: 1 },
        nodePort: ['b 10.244.1.2', 'c 10.244.1.2'],
        otherNodePort: { timeout: 1 },
        ownPods: ['b', 'c'],
        errors: [],
      });
    });

    test('a node port leads everywhere, as if this node asked', async () => {
      const seen = await rules(`
        const t = await setUp();
        t.service({ type: 'NodePort', ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }] });
        t.slice(['a', 'b']);
        await t.plane.settled();
        tell(Object.keys(await t.ask('c', '10.0.0.11', 30080)).sort());`);
      expect(seen).toEqual(['a 10.0.0.2', 'b 10.0.0.2']);
    });

    test('counters tell connections and bytes, also after the rules were lost', async () => {
      const seen = await rules(`
        const t = await setUp();
        t.service();
        t.slice(['a']);
        await t.plane.settled();
        await t.ask('b', clusterIP, 80, 5);
        const before = await t.plane.statistics();
        execFileSync('nft', ['flush', 'ruleset']);
        await t.change(['a', 'b']);
        const errors = t.errors.length;
        await t.change(['b']);
        tell({ before, errors, after: await t.ask('a', clusterIP, 80, 3) });`);
      expect(seen).toEqual({
        before: [
          {
            service: 'default/web',
            port: '',
            protocol: 'TCP',
            endpoint: '10.244.1.2:8080',
            connections: { total: 5, open: 0, failed: 0 },
            bytes: { toEndpoint: expect.any(Number), fromEndpoint: expect.any(Number) },
          },
        ],
        errors: 1,
        after: { 'b 10.244.1.2': 3 },
      });
    });

    test('follows the Endpoints object when asked to', async () => {
      const seen = await rules(`
        const t = await setUp({ proxyFollows: 'endpoints' });
        t.service();
        t.slice(['a']);
        t.api.create('endpoints', { metadata: { name: 'web', namespace: 'default' },
          subsets: [{ addresses: [{ ip: t.pods.b.ip }], ports: [{ port: 8080 }] }] });
        await t.plane.settled();
        tell(await t.ask('c', clusterIP, 80, 4));`);
      expect(seen).toEqual({ 'b 10.244.2.3': 4 });
    });
  },
);
