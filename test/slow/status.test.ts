import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { isolatePod, readStatus, restorePods, watchStatus } from '../../src/engine/index.ts';
import { useCluster } from '../support/cluster.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { runInProcess } from '../support/in-process.ts';
import { startPitstop } from '../support/pitstop.ts';
import { deploySmallApp } from '../support/small-app.ts';
import { ctrlC, pty, startAtTerminal } from '../support/terminal.ts';
import { until } from '../support/until.ts';

const world = useCluster();
const deploy = (namespace: string) =>
  deploySmallApp(world.kube, { namespace, route: 'label', replicas: 3 });

describe.concurrent('status', () => {
  it('shows a session whose Pod is gone, until restore has put right what it left', async () => {
    const { kube } = world;
    const { namespace, pods } = await deploy('left-behind');
    const [pod = ''] = pods;
    const held = await isolatePod(kube, {
      target: pod,
      namespace,
      route: 'selector',
      settleMs: 50,
    });
    const id = held.metadata.name;
    const before = await readStatus(kube, { namespace });
    expect(before.sessions).toMatchObject([
      { pod, id, route: 'selector', overdue: false, services: ['web'], problems: [] },
    ]);
    expect(before.sessions[0]?.records).toEqual([`pod/${pod}`, 'service/web']);
    expect(before.services).toMatchObject([
      { name: 'web', selector: { app: 'web', traffic: 'on' }, heldBy: [id] },
    ]);
    await kube.delete({ resource: 'pods', namespace, name: pod });
    const gone = await until('the Pod is gone', async () => {
      const report = await readStatus(kube, { namespace });
      return report.sessions[0]?.records.join() === 'service/web' && report;
    });
    expect(gone.sessions).toMatchObject([
      { pod, id, overdue: true, problems: [expect.stringContaining(`pod ${pod} is gone`)] },
    ]);
    const shown = await runInProcess(['status', pod, '-n', namespace], {
      kubeconfig: world.kubeconfigPath,
    });
    expect(shown.stdout).toMatch(/└─ pod\/web-\S+ +Left behind/);
    await restorePods(kube, { namespace, pod });
    expect((await readStatus(kube, { namespace })).sessions).toEqual([]);
  });

  it('shows who was taken out of a slice made by hand, and of which Service', async () => {
    const { kube } = world;
    const { namespace, pods } = await deploy('by-hand');
    const ports = [{ name: 'http', port: 8080 }];
    await kube.create<Service>('services', {
      metadata: { name: 'bare', namespace },
      spec: { ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
    });
    const all = await kube.list<Pod>('pods', { namespace });
    await kube.create<EndpointSlice>('endpointslices', {
      metadata: {
        name: 'bare-1',
        namespace,
        labels: { 'kubernetes.io/service-name': 'bare' },
      },
      addressType: 'IPv4',
      ports,
      endpoints: all.map(({ metadata, status }) => ({
        addresses: [status?.podIP ?? ''],
        targetRef: { kind: 'Pod', name: metadata?.name ?? '', namespace, uid: metadata?.uid ?? '' },
      })),
    });
    const [pod = ''] = pods;
    await isolatePod(kube, { target: pod, namespace, settleMs: 50, overrides: ['foreign-entry'] });
    const report = await readStatus(kube, { namespace, target: 'deploy/web' });
    expect(report.sessions[0]?.records).toEqual([`pod/${pod}`, 'endpointslice/bare-1']);
    expect(report.services.map(({ name, endpoints }) => [name, endpoints.length])).toEqual([
      ['bare', 2],
      ['web', 2],
    ]);
    // Counted as one of the Service's Pods, though no slice lists it any more.
    const second = isolatePod(kube, { target: 'svc/bare', namespace, maxOut: 1 });
    await expect(second).rejects.toMatchObject({ code: 'max-out' });
    await restorePods(kube, { namespace, all: true });
  });

  it('watched: a report each time that something changes', async () => {
    const { kube } = world;
    const { namespace, pods } = await deploy('watched');
    const stop = new AbortController();
    const reports: string[] = [];
    const watching = (async () => {
      for await (const { sessions } of watchStatus(kube, { namespace }, stop.signal)) {
        reports.push(sessions.map(({ pod, phase }) => `${pod} ${phase}`).join());
      }
    })();
    await until('the first report', async () => reports.length > 0);
    await isolatePod(kube, { target: pods[0] ?? '', namespace, settleMs: 50 });
    await until('it is out', async () => reports.at(-1) === `${pods[0]} out`);
    await restorePods(kube, { namespace, all: true });
    await until('it is back', async () => reports.at(-1) === '');
    stop.abort();
    await watching;
    expect(reports).toContain(`${pods[0]} out`);
  });

  it('-w -o json|yaml: a document a change, also where the watches are cut again and again', async () => {
    const { kube, kubeconfigPath: kubeconfig } = world;
    const { namespace, pods } = await deploy('documents');
    const [pod = ''] = pods;
    await using proxy = await FaultProxy.start(kubeconfig, ({ isWatch }) =>
      isWatch ? { kind: 'cut', afterMs: 200 } : undefined,
    );
    const watches = [
      ['-o', 'json', '--server', proxy.url],
      ['-o', 'yaml'],
    ].map((how) => {
      const watched = startPitstop(['status', '-w', '-n', namespace, ...how], { kubeconfig });
      let said = '';
      watched.child.stdout?.on('data', (chunk) => (said += String(chunk)));
      return { ...watched, said: () => said };
    });
    const told = (text: RegExp) =>
      Promise.all(watches.map(({ said }) => until(`${text}`, async () => text.test(said()))));
    await told(/kind"?: "?StatusReport/);
    await isolatePod(kube, { target: pod, namespace, settleMs: 50 });
    await told(/phase"?: "?out/);
    await restorePods(kube, { namespace, all: true });
    await told(/phase"?: "?out[^]*sessions"?: \[\]/);
    for (const { child } of watches) child.kill('SIGINT');
    const [json, yaml] = await Promise.all(watches.map(({ done }) => done));
    expect(proxy.faults).toBeGreaterThan(3);
    for (const each of [json, yaml]) expect(each).toMatchObject({ code: 0, stderr: '' });
    // As jq takes them apart.
    const documents = (json?.stdout ?? '').split(/^(?=\{)/m).map((text) => JSON.parse(text));
    const all = parseAllDocuments(yaml?.stdout ?? '').map((each) => each.toJS());
    for (const reports of [documents, all] as { kind: string; sessions: { pod: string }[] }[][]) {
      expect(reports.map(({ kind }) => kind)).toEqual(reports.map(() => 'StatusReport'));
      const out = reports.map(({ sessions }) => sessions.map((each) => each.pod).join());
      expect(out.filter((each, at) => each !== out[at - 1])).toEqual(['', pod, '']);
    }
  });

  it.skipIf(pty === undefined)('-w at a terminal is drawn over itself, until Ctrl-C', async () => {
    const { namespace, pods } = await deploy('drawn');
    if (!pty) throw new Error('no terminals here');
    const options = { kubeconfig: world.kubeconfigPath };
    const terminal = startAtTerminal(pty, ['status', '-w', '-n', namespace], options);
    await terminal.seen(`pod/${pods[0]}`);
    await isolatePod(world.kube, { target: pods[0] ?? '', namespace, settleMs: 50 });
    await terminal.seen(/Out \(\d+s\)/);
    expect(terminal.shown().split('\u001B[2J')).toHaveLength(2);
    terminal.type(ctrlC);
    expect(await terminal.exitCode).toBe(0);
    await restorePods(world.kube, { namespace, all: true });
  });
});
