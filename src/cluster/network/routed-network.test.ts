import { expect, test } from 'vitest';
import { hasNamespaces, inside, moduleName } from './test-inside.ts';

const program = `
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { createPodNetwork } from ${moduleName('./index.ts', import.meta.url)};

const network = await createPodNetwork({
  level: 'user', podCidrs: ['10.244.1.0/24', '10.244.2.0/24'], serviceCidr: '10.96.0.0/12',
  clusterIPs: 'listened',
});
const [first, second] = network.nodes;
const ask = 'require("net").connect(+process.argv[2], process.argv[1]).on("error", e => console.log(e.code)).pipe(process.stdout)';
const serve = 'require("net").createServer(s => s.end(s.remoteAddress)).listen(8080, "0.0.0.0", () => console.log())';
const [one, two, far] = await Promise.all([sandbox(), sandbox(), sandbox()]);
const [a, b, c] = await Promise.all([
  first.attach({ uid: 'a', pid: one.pid }), first.attach({ uid: 'b', pid: two.pid }),
  second.attach({ uid: 'c', pid: far.pid }),
]);
await startInPod(one, serve);
const service = createServer((s) => s.end(s.remoteAddress)).listen(80, network.serviceAddress('10.96.0.10'));
await once(service, 'listening');
const seen = {
  addresses: [a.ip, b.ip, c.ip],
  nodes: network.nodes.map(({ nodeAddress }) => nodeAddress),
  nodeToPod: await read({ host: a.ip, port: 8080, localAddress: first.nodeAddress }),
  balancerToPod: await read({ host: a.ip, port: 8080 }),
  podToPod: await inPod(two, ask, a.ip, '8080'),
  podToPodOfOtherNode: await inPod(far, ask, a.ip, '8080'),
  podToService: await inPod(far, ask, '10.96.0.10', '80'),
  podToNobody: await inPod(far, ask, '10.244.1.99', '8080'),
};
await first.detach('a');
const again = await sandbox();
seen.next = (await first.attach({ uid: 'd', pid: again.pid })).ip;
seen.failure = await first.attach({ uid: 'e', pid: 99999 }).catch((error) => error.message);
await network[Symbol.asyncDispose]();
seen.links = readFileSync('/proc/net/dev', 'utf8').match(/\\w+(?=:)/g);
tell(seen);
`;

test.skipIf(!hasNamespaces)(
  'Pods of two nodes reach each other and Services, and see who is speaking',
  async () => {
    const { links, ...seen } = (await inside(program)) as Record<string, unknown>;
    expect(seen).toEqual({
      addresses: ['10.244.1.2', '10.244.1.3', '10.244.2.2'],
      nodes: ['10.0.0.11', '10.0.0.12'],
      nodeToPod: '10.0.0.11',
      balancerToPod: '10.0.0.2',
      podToPod: '10.244.1.3',
      podToPodOfOtherNode: '10.244.2.2',
      podToService: '10.244.2.2',
      podToNobody: 'EHOSTUNREACH',
      next: '10.244.1.4',
      failure: 'cannot connect the sandbox of Pod e to the Pod network',
    });
    expect(links).not.toEqual(expect.arrayContaining([expect.stringMatching(/veth/)]));
  },
);
