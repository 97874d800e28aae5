import { readdir } from 'node:fs/promises';
import type { Pod } from 'kubernetes-types/core/v1.js';
import type { Cluster } from '../../../src/cluster/index.ts';
import { restorePods, runSession, type Session } from '../../../src/engine/index.ts';
import type { Kube } from '../../../src/kube/index.ts';
import { deploySmallApp } from '../small-app.ts';
import { startPitstop } from '../pitstop.ts';
import { until } from '../until.ts';
import { makeHome, Tally } from './bring.ts';
import { servingExec } from './cut-streams.ts';
import type { Random } from './random.ts';

const sizeBytes = 3_000_000;
const make = ['sh', '-c', `head -c ${sizeBytes} /dev/urandom > @DIR/x`];
const record = 'pitstop.dev/session';

/**
 * Whole stops of Pods while streams are cut (more often than pitstop is willing to go on, at times) or
 * the client is killed: what succeeded is whole, and the Pod is back, by `restore` after a kill.
 */
export async function runUnderFaults(
  world: { readonly kube: Kube; readonly cluster: Cluster; readonly random: Random },
  count: number,
): Promise<Tally> {
  const { kube, cluster, random } = world;
  const tally = new Tally();
  const { namespace, pods } = await deploySmallApp(kube, {
    namespace: `stops-${random.seed}`,
    route: 'label',
  });
  const [pod = ''] = pods;
  for (let nth = 0; nth < count; nth += 1) {
    const isKilled = nth % 4 === 3;
    const times = random.pick([1, 2, 100]);
    const cutAtByte = random.below(sizeBytes);
    const ending = random.pick(['success', 'silent'] as const);
    const killAfterMs = random.below(1_500);
    const what = isKilled
      ? `killed after ${killAfterMs} ms`
      : `${ending} at ${cutAtByte}, ${times} times`;
    await tally.run(what, async () => {
      await using home = await makeHome();
      const request = { target: pod, namespace, output: `${home.directory}/` };
      let outcome: string;
      if (isKilled) {
        await killRun({ ...request, cluster, killAfterMs });
        if (await isOut(kube, namespace, pod)) {
          await restorePods(kube, { namespace, pod, clean: true });
          outcome = 'killed, restored by another';
        } else outcome = 'killed, the Pod was in service';
      } else {
        await using _fault = await cluster.faults.add({
          kind: 'exec',
          match: { namespace, pod, command: servingExec },
          cutAtByte,
          ending,
          times,
        });
        const session = await runSession(kube, {
          ...request,
          command: make,
          collect: ['@DIR/x'],
          compress: 'none',
          settleMs: 50,
        });
        outcome = judgeStop(session, await readdir(home.directory));
      }
      await until('the Pod to be in service, with no record', async () => {
        return !(await isOut(kube, namespace, pod));
      });
      return outcome;
    });
  }
  return tally;
}

function judgeStop(
  { status: { phase, podOut, artifact, error } }: Session,
  names: string[],
): string {
  if (podOut) throw new Error(`the Pod is still out: ${error?.message}`);
  const finished = names.filter((name) => !/\.part(\.json|\.json\.new|\.lock)?$/.test(name));
  if (phase !== 'Succeeded') {
    if (finished.length > 0) throw new Error(`failed, yet there is ${finished.join()}`);
    return `failed: ${error?.code}, the Pod is back`;
  }
  if (!artifact?.verified || artifact.sizeBytes !== sizeBytes || finished.length !== 1) {
    throw new Error(`succeeded with ${JSON.stringify(artifact)}, ${names.join()}`);
  }
  return 'whole, the Pod is back';
}

async function killRun({
  target,
  namespace,
  output,
  cluster,
  killAfterMs,
}: {
  readonly target: string;
  readonly namespace: string;
  readonly output: string;
  readonly cluster: Cluster;
  readonly killAfterMs: number;
}): Promise<void> {
  const isolated = Promise.withResolvers<void>();
  const words = `run ${target} -n ${namespace} -O ${output} --settle=50ms --progress=json --collect @DIR/x --`;
  const run = startPitstop([...words.split(' '), ...make], {
    kubeconfig: cluster.kubeconfigPath,
    onStderr: (chunk) => chunk.includes('"step":"diagnose"') && isolated.resolve(),
  });
  const wait = isolated.promise.then(
    () => new Promise<void>((resolve) => setTimeout(resolve, killAfterMs)),
  );
  await Promise.race([wait, run.done]);
  run.child.kill('SIGKILL');
  await run.done;
}

async function isOut(kube: Kube, namespace: string, name: string): Promise<boolean> {
  const pod = await kube.get<Pod>({ resource: 'pods', namespace, name });
  if (!pod) throw new Error(`pod ${name} is gone`);
  return pod.metadata?.annotations?.[record] !== undefined;
}
