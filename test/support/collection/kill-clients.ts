import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kube } from '../../../src/kube/index.ts';
import { pinPitstop, startPitstop } from '../pitstop.ts';
import { until } from '../until.ts';
import type { Box } from './box.ts';
import { judge, makeHome, namesIn, Tally, type Told } from './bring.ts';
import { servingExec } from './cut-streams.ts';
import type { Random } from './random.ts';

/** What a quick machine brings home in a millisecond: kills come while there is more to come. */
const quickBytesPerMs = 300_000;

/**
 * `kubectl pitstop collect` in a process of its own, killed by SIGKILL at a random moment of the
 * transfer; the same command in another process goes on. In the container nothing of either is left.
 */
export async function killClients(
  { kubeconfigPath, random }: { readonly kube: Kube; kubeconfigPath: string; random: Random },
  { box, count, sizeBytes }: { readonly box: Box; readonly count: number; sizeBytes: number },
): Promise<Tally> {
  const tally = new Tally();
  const directory = await mkdtemp(join(tmpdir(), 'pitstop-pinned-'));
  try {
    const bin = await pinPitstop(directory);
    const file = await box.fill('/data/kill', sizeBytes);
    for (let nth = 0; nth < count; nth += 1) {
      const afterMs = random.below(sizeBytes / quickBytesPerMs);
      const compress = random.pick(['none', 'auto', 'gzip']);
      await tally.run(`killed ${afterMs} ms after the first bytes (${compress})`, async () => {
        await using home = await makeHome();
        const words =
          `collect ${box.pod} ${file.path} -n ${box.namespace} -O ${home.directory}/ --compress=${compress} -o json --progress=json`.split(
            ' ',
          );
        const begun = Promise.withResolvers<void>();
        const first = startPitstop(words, {
          bin,
          kubeconfig: kubeconfigPath,
          onStderr: (chunk) => /"doneBytes":[1-9]/.test(chunk) && begun.resolve(),
        });
        await Promise.race([begun.promise.then(() => sleep(afterMs)), first.done]);
        first.child.kill('SIGKILL');
        const { signal } = await first.done;
        if (signal === null) {
          const { status } = JSON.parse((await first.done).stdout) as { status: Told };
          return `${await judge(status, file, home)} before it was killed`;
        }
        if ((await namesIn(home)).finished.length > 0) {
          const told = { phase: 'Succeeded', artifact: { sha256: file.sha256, verified: true } };
          return `${await judge(told, file, home)} before it could say so`;
        }
        const second = await startPitstop(words, { bin, kubeconfig: kubeconfigPath }).done;
        if (second.code !== 0)
          throw new Error(`the second ended with ${second.code}: ${second.stderr}`);
        const { status } = JSON.parse(second.stdout) as { status: Told };
        const outcome = await judge(status, file, home);
        return `${outcome} by another process`;
      });
    }
    await until('no process of a killed client is left in the container', async () => {
      const pattern = `[${servingExec[0]}]${servingExec.slice(1)}`;
      const found = await box.sh(
        `cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c '${pattern}' || true`,
      );
      return found.trim() === '0';
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  return tally;
}
