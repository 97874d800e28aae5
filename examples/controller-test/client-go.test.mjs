// What client-go sends, byte for byte in shape: a reflector's list and watch, and leader election
// over a Lease. With a Go toolchain the real thing needs one line:
//   eval "$(kubectl pitstop cluster start --detach)" && go test ./...
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { after, before, it } from 'node:test';
import { KubeConfig } from '@kubernetes/client-node';
import { Cluster } from 'kubectl-pitstop/cluster';

let cluster;
let access;

before(async () => {
  cluster = await Cluster.start({ name: `client-go-${process.pid}` });
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromString(cluster.kubeconfig);
  access = {
    ca: Buffer.from(kubeConfig.getCurrentCluster().caData, 'base64'),
    headers: { authorization: `Bearer ${kubeConfig.getCurrentUser().token}` },
  };
});

after(() => cluster.stop());

// Typed clients of controller-runtime prefer protobuf and take JSON.
const accept = 'application/vnd.kubernetes.protobuf,application/json';

it('a reflector lists from the cache, watches with bookmarks, and sees every change', async () => {
  const list = await json('GET', '/api/v1/namespaces?limit=500&resourceVersion=0');
  assert.equal(list.kind, 'NamespaceList');
  const query = new URLSearchParams({
    allowWatchBookmarks: 'true',
    resourceVersion: list.metadata.resourceVersion,
    timeoutSeconds: '5',
    watch: 'true',
  });
  const watch = await send('GET', `/api/v1/namespaces?${query}`);
  await json('POST', '/api/v1/namespaces', { metadata: { name: 'seen' } });
  for await (const { type, object } of events(watch)) {
    assert.deepEqual([type, object.metadata.name], ['ADDED', 'seen']);
    break;
  }
});

it('a reflector of 1.35 streams its list and is told when it is whole', async () => {
  const query = new URLSearchParams({
    allowWatchBookmarks: 'true',
    resourceVersionMatch: 'NotOlderThan',
    sendInitialEvents: 'true',
    timeoutSeconds: '5',
    watch: 'true',
  });
  const watch = await send('GET', `/api/v1/namespaces?${query}`);
  const seen = [];
  for await (const { type, object } of events(watch)) {
    if (type === 'BOOKMARK') {
      assert.equal(object.metadata.annotations['k8s.io/initial-events-end'], 'true');
      break;
    }
    seen.push(object.metadata.name);
  }
  assert.ok(seen.includes('kube-system'));
});

it('of two candidates one leads: the other meets a conflict', async () => {
  const path = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
  const spec = { leaseDurationSeconds: 15, acquireTime: now(), renewTime: now() };
  const lease = await json('POST', path, {
    metadata: { name: 'leader' },
    spec: { ...spec, holderIdentity: 'one' },
  });
  const renewed = { ...lease, spec: { ...lease.spec, renewTime: now() } };
  assert.equal((await json('PUT', `${path}/leader`, renewed)).spec.holderIdentity, 'one');
  const stale = { ...lease, spec: { ...lease.spec, holderIdentity: 'two' } };
  const refused = await json('PUT', `${path}/leader`, stale);
  assert.equal(refused.reason, 'Conflict');
});

/** The events of a watch, one JSON document a line; leaving the loop ends the watch. */
async function* events(watch) {
  let rest = '';
  for await (const chunk of watch.setEncoding('utf8')) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    for (const line of lines) yield JSON.parse(line);
  }
}

function now() {
  return new Date().toISOString().replace('Z', '000Z');
}

async function json(method, path, body) {
  return JSON.parse(await text(await send(method, path, body)));
}

async function send(method, path, body) {
  const call = request(`${cluster.server}${path}`, {
    method,
    ca: access.ca,
    headers: { ...access.headers, accept, 'content-type': 'application/json' },
  });
  call.end(body && JSON.stringify(body));
  const [response] = await once(call, 'response');
  return response;
}
