import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, report, seconds } from './support/measure.ts';

const cli = fileURLToPath(new URL('../bin/kubectl-pitstop.js', import.meta.url));
if (!existsSync(new URL('../dist/cli.js', import.meta.url)))
  throw new Error('dist/ is not built: run npm run build');
const ROUNDS = 7;
const directory = mkdtempSync(join(tmpdir(), 'pitstop-bench-'));
process.once('exit', () => rmSync(directory, { recursive: true, force: true }));

/** From the spawn of the command to a node that kubectl sees Ready. */
function start(round: number): { ready: number; total: number; stop: number } {
  const name = `bench-${process.pid}-${round}`;
  const pitstop = (...args: readonly string[]) =>
    execFileSync(process.execPath, [cli, 'cluster', ...args, '--name', name], { stdio: 'pipe' });
  const began = performance.now();
  const since = () => performance.now() - began;
  pitstop('start', '--detach');
  const ready = since();
  const kubeconfig = join(directory, name);
  writeFileSync(kubeconfig, pitstop('kubeconfig'), { mode: 0o600 });
  const asked = since();
  const nodes = execFileSync('kubectl', ['--kubeconfig', kubeconfig, 'get', 'nodes']).toString();
  const total = ready + since() - asked;
  if (!/ Ready /.test(nodes)) throw new Error(`the node is not Ready:\n${nodes}`);
  const stopping = performance.now();
  pitstop('stop');
  return { ready, total, stop: performance.now() - stopping };
}

const runs: ReturnType<typeof start>[] = [];
const all = await seconds(() => {
  for (let round = 0; round < ROUNDS; round += 1) runs.push(start(round));
});
const ms = (of: (run: ReturnType<typeof start>) => number) =>
  `${median(runs.map(of)).toFixed(0)} ms, best ${Math.min(...runs.map(of)).toFixed(0)} ms`;
report(`cold start of a cluster, ${ROUNDS} times in ${all.toFixed(1)} s`, [
  `cluster start --detach      ${ms(({ ready }) => ready)}`,
  `… and kubectl get nodes     ${ms(({ total }) => total)}`,
  `cluster stop                ${ms(({ stop }) => stop)}`,
]);
