import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Namespace } from 'kubernetes-types/core/v1.js';
import { connect } from '../src/kube/index.ts';
import { makeRestrictedUser } from './support/restricted-user.ts';
import { runLabel } from './support/target-cluster.ts';
import { until } from './support/until.ts';

// npm run e2e -- --kubeconfig FILE [--context C] [--image I] [--restricted] [FILTER…]: test/e2e on any
// cluster, in namespaces of its own; restricted, its sessions are those of a ServiceAccount that may do
// only what pitstop says it needs. Without --kubeconfig each file starts an embedded cluster.

/** Files whose tests ask nothing of a cluster but Kubernetes. */
const portable = [
  'doctor',
  'drain',
  'drift',
  'entries',
  'faults',
  'fleet',
  'gate',
  'homecoming',
  'interlocks',
  'owners',
  'plan',
  'prepare',
  'rivals',
  'selector',
  'session',
  'vigil',
];
/** Why the others are left out on a given cluster. */
const reasons: Readonly<Record<string, string>> = {
  'cluster-cli': 'it tests the embedded cluster itself',
  collect: 'its programs are those of this machine',
  controls: 'it tests the embedded cluster itself',
  crash: 'it dumps the heap of the example, which only the embedded cluster has as an image',
  'crash-matrix': 'it makes users of its own and starts hundreds of sessions',
  demo: 'it starts an embedded cluster of its own',
  examples: 'they start embedded clusters of their own',
  restart: 'it restarts the cluster',
  users: 'it makes users of its own',
};

const { values, positionals } = parseArgs({
  options: {
    kubeconfig: { type: 'string' },
    context: { type: 'string' },
    image: { type: 'string' },
    restricted: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});

process.exitCode = values.kubeconfig === undefined ? await runTests([]) : await runOnGiven();

async function runOnGiven(): Promise<number> {
  const { kubeconfig = '', context, image, restricted } = values;
  const directory = mkdtempSync(join(tmpdir(), 'pitstop-e2e-'));
  const run = `pitstop-e2e-${randomBytes(3).toString('hex')}`;
  const flat = join(directory, 'kubeconfig');
  try {
    // One file of one context, whatever the given one refers to.
    const chosen = context === undefined ? [] : ['--context', context];
    const view = ['config', 'view', '--minify', '--flatten', '--kubeconfig', kubeconfig];
    writeFileSync(flat, execFileSync('kubectl', [...view, ...chosen]), { mode: 0o600 });
    for (const file of leftOut()) {
      process.stdout.write(`skipped test/e2e/${file}.test.ts: ${reasons[file]}\n`);
    }
    using user = restricted ? makeRestrictedUser(flat, { run, directory }) : undefined;
    return await runTests(
      portable.map((name) => `test/e2e/${name}.test.ts`),
      {
        PITSTOP_E2E_KUBECONFIG: flat,
        PITSTOP_E2E_RUN: run,
        ...(image !== undefined && { PITSTOP_E2E_IMAGE: image }),
        ...(user && { PITSTOP_E2E_USER_KUBECONFIG: user.kubeconfig }),
      },
    );
  } finally {
    await removeNamespaces(flat, run);
    rmSync(directory, { recursive: true });
  }
}

function leftOut(): readonly string[] {
  return readdirSync(new URL('e2e', import.meta.url))
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => file.replace('.test.ts', ''))
    .filter((name) => !portable.includes(name));
}

/** The first interruption reaches vitest too, which ends its tests; what it leaves is removed here. */
function runTests(files: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
  const filters = positionals.length > 0 ? positionals : files.length > 0 ? files : ['test/e2e'];
  const child = spawn('npx', ['vitest', 'run', ...filters], {
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

async function removeNamespaces(kubeconfig: string, run: string): Promise<void> {
  await using kube = await connect({ kubeconfig });
  const list = () => kube.list<Namespace>('namespaces', { labelSelector: `${runLabel}=${run}` });
  for (const { metadata } of await list()) {
    await kube.delete({ resource: 'namespaces', name: metadata?.name ?? '' });
  }
  await until('the namespaces of this run to be gone', async () => {
    const left = (await list()).map(({ metadata }) => metadata?.name);
    if (left.length > 0) throw new Error(`still there: namespaces ${left.join(', ')}`);
    return true;
  });
}
