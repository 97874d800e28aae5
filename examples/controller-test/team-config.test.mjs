// Tests a controller against a cluster that is there in half a second: `node --test`.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { Cluster } from 'kubectl-pitstop/cluster';
import { runTeamConfig } from './team-config.mjs';

let cluster;
let core;
const stopping = new AbortController();

before(async () => {
  cluster = await Cluster.start({ name: `team-config-${process.pid}` });
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromString(cluster.kubeconfig);
  core = kubeConfig.makeApiClient(CoreV1Api);
  await runTeamConfig(kubeConfig, stopping.signal);
});

after(async () => {
  stopping.abort();
  await cluster.stop();
});

it('a Namespace with a team gets its ConfigMap', async () => {
  await core.createNamespace({ body: { metadata: { name: 'shop', labels: { team: 'blue' } } } });
  assert.equal(await teamOf('shop', 'blue'), 'blue');
});

it('the ConfigMap comes back when somebody deletes it', async () => {
  await core.deleteNamespacedConfigMap({ name: 'team', namespace: 'shop' });
  assert.equal(await teamOf('shop', 'blue'), 'blue');
});

it('the controller survives a watch that expired and requests that failed', async () => {
  await cluster.faults.add({
    kind: 'request',
    match: { verb: 'patch', resource: 'configmaps' },
    effect: { type: 'status', code: 503 },
    times: 1,
  });
  await cluster.compact();
  await core.createNamespace({ body: { metadata: { name: 'desk', labels: { team: 'red' } } } });
  await core.createNamespace({ body: { metadata: { name: 'till', labels: { team: 'red' } } } });
  assert.equal(await teamOf('till', 'red'), 'red');
});

/** The ConfigMap's team as soon as it is the one that is wanted; what it is after 10 s otherwise. */
async function teamOf(namespace, wanted) {
  let team;
  for (let attempt = 0; attempt < 100; attempt++) {
    team = await core.readNamespacedConfigMap({ name: 'team', namespace }).then(
      ({ data }) => data?.team,
      () => undefined,
    );
    if (team === wanted) break;
    await sleep(100);
  }
  return team;
}
