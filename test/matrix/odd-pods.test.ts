import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Cluster } from '../../src/cluster/index.ts';
import { readAccess } from '../../src/cluster/launch/kubeconfig.ts';
import { UNHEARD } from '../../src/cluster/node/unheard.ts';
import { FuzzClient } from '../slow/fuzz/client.ts';
import { holdingsOf } from '../slow/fuzz/process.ts';
import { Random } from '../slow/fuzz/random.ts';
import { until } from '../support/until.ts';
import { oddPod } from './odd-pods/pod.ts';

/** Others with `FUZZ_SEED=$RANDOM npm run test:matrix -- odd-pods`. */
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);
const COUNT = Number(process.env['FUZZ_COUNT'] ?? 150);
const PODS = '/api/v1/namespaces/default/pods';

const held = new AsyncDisposableStack();
const logged: string[] = [];
let client: FuzzClient;
let nodePid = 0;
let accepted = 0;

beforeAll(async () => {
  const parent = await mkdtemp(join(tmpdir(), 'pitstop-odd-pods-'));
  held.defer(() => rm(parent, { recursive: true, force: true }));
  const directory = join(parent, 'cluster');
  const log = (line: string) => void logged.push(line);
  const cluster = held.use(await Cluster.start({ name: 'odd', directory, nodes: 1, log }));
  const state = JSON.parse(readFileSync(join(directory, 'state.json'), 'utf8')) as State;
  nodePid = state.node.pid;
  client = held.adopt(new FuzzClient((await readAccess(cluster.kubeconfigPath))!), (it) =>
    it.close(),
  );
  await ask('POST', '/api/v1/namespaces/default/configmaps', {
    metadata: { name: 'settings' },
    data: { key: 'value' },
  });
});
afterAll(() => held.disposeAsync());

it(`outlives ${COUNT} Pods that ask for odd things, FUZZ_SEED=${SEED}`, async () => {
  const random = new Random(SEED);
  // What is made once, for the first Pod there is, is no leak.
  await live('first', { containers: [{ name: 'box', image: 'busybox', command: ['true'] }] });
  await gone();
  const before = holdingsOf(nodePid);
  const lives: Promise<unknown>[] = [];
  for (let count = 0; count < COUNT; count += 1) {
    lives.push(live(`odd-${count}`, oddPod(random), random.below(4000)));
    await delay(100 + random.below(200));
  }
  await Promise.all(lives);
  await gone();
  expect(accepted).toBeGreaterThan(COUNT / 2);
  expect(logged.filter((line) => /node failed/.test(line) || line.includes(UNHEARD))).toEqual([]);
  await until('what was taken is given back', async () => {
    const after = holdingsOf(nodePid);
    expect(after.descriptors).toBeLessThanOrEqual(before.descriptors + 20);
    expect(after.children.length).toBeLessThanOrEqual(before.children.length + 2);
    return true;
  });
});

/** From its creation until it is asked to go; what is odd enough is refused. */
async function live(name: string, spec: object, lifeMs = 2000): Promise<void> {
  const { status, text } = await ask('POST', PODS, { metadata: { name }, spec });
  if (status >= 500) throw new Error(text);
  if (status !== 201) return;
  accepted += 1;
  await delay(1000 + lifeMs / 2);
  for (const what of ['log', 'proxy/']) await ask('GET', `${PODS}/${name}/${what}`);
  await delay(lifeMs / 2);
  const grace = lifeMs % 2 === 0 ? '?gracePeriodSeconds=0' : '';
  await ask('DELETE', `${PODS}/${name}${grace}`);
}

async function gone(): Promise<void> {
  await until('no Pod is left', async () => {
    const { text } = await ask('GET', PODS);
    return (JSON.parse(text) as { items: unknown[] }).items.length === 0;
  });
  client.close();
}

function ask(method: string, path: string, value?: object) {
  return client.ask({
    method,
    path,
    headers: { 'content-type': 'application/json' },
    ...(value && { body: Buffer.from(JSON.stringify(value)) }),
  });
}

interface State {
  readonly node: { readonly pid: number };
}
