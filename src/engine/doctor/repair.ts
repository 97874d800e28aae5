import { setTimeout as sleep } from 'node:timers/promises';
import type { Kube } from '../../kube/index.ts';
import { restorePods } from '../restore-pods.ts';
import { send } from '../routes/send.ts';
import { describeError } from '../session/session-log.ts';
import { endEphemeral } from '../container/ephemeral.ts';
import { diagnose, isSame } from './diagnose.ts';
import type { Finding, RepairWrite } from './finding.ts';
import { readObjects, type WorldRequest } from './read-world.ts';
import type { Environment } from './world.ts';

/**
 * What came of one repair. With a dry run: `tried`, the server accepted its writes; `untried`, it is
 * more than writes.
 */
export interface RepairResult {
  readonly finding: Pick<Finding, 'name' | 'namespace' | 'object'>;
  readonly description: string;
  readonly outcome: 'repaired' | 'tried' | 'untried' | 'alive' | 'failed' | 'still there';
  readonly error?: string;
  readonly hint?: string;
}

export interface RepairOptions {
  readonly signal: AbortSignal;
  readonly dryRun?: boolean;
  /** Before each repair, and when one takes its time. */
  readonly onProgress?: (message: string) => void;
}

/** Controllers and Pods follow a repair within seconds; one that needs longer has not helped. */
const proofMs = 20_000;
const lookEveryMs = 500;

/**
 * Carries out the repairs of findings, one after the other, and looks again until each is gone. Every
 * write names the object as the doctor saw it: what changed since is refused, and told.
 */
export async function repairAll(
  kube: Kube,
  findings: readonly Finding[],
  request: WorldRequest & { readonly environment: Environment },
  options: RepairOptions,
): Promise<readonly RepairResult[]> {
  const results: { finding: Finding; result: RepairResult }[] = [];
  for (const finding of findings) {
    options.signal.throwIfAborted();
    if (finding.repair) {
      options.onProgress?.(`${finding.object}: ${finding.repair.description}`);
      results.push({ finding, result: await repairOne(kube, finding, options) });
    }
  }
  const done = results.filter(({ result }) => result.outcome === 'repaired');
  const left = await stillThere(
    kube,
    done.map(({ finding }) => finding),
    request,
    options.signal,
  );
  return results.map(({ finding, result }) =>
    left.some((each) => isSame(each, finding)) ? { ...result, outcome: 'still there' } : result,
  );
}

async function repairOne(
  kube: Kube,
  { name, namespace, object, repair }: Finding,
  options: RepairOptions,
): Promise<RepairResult> {
  const { writes = [], restore, end, description = '' } = repair ?? {};
  const about = {
    finding: { name, object, ...(namespace !== undefined && { namespace }) },
    description,
  };
  try {
    for (const write of writes) await carryOut(kube, write, options.dryRun ?? false);
    if (options.dryRun) return { ...about, outcome: restore || end ? 'untried' : 'tried' };
    if (restore) return { ...about, ...(await bringHome(kube, namespace ?? '', restore, options)) };
    if (end) await endEphemeral({ kube, namespace: namespace ?? '', ...end });
    return { ...about, outcome: 'repaired' };
  } catch (error) {
    options.signal.throwIfAborted();
    const { message, hint } = describeError(error);
    return { ...about, outcome: 'failed', error: message, ...(hint !== undefined && { hint }) };
  }
}

async function carryOut(kube: Kube, write: RepairWrite, dryRun: boolean): Promise<void> {
  switch (write.verb) {
    case 'patch':
      await send(kube, write, { dryRun });
      return;
    case 'delete': {
      const { reference, uid, resourceVersion } = write;
      await kube.delete(reference, { uid, resourceVersion, dryRun });
    }
  }
}

async function bringHome(
  kube: Kube,
  namespace: string,
  { pod, onlyIfExpired }: { readonly pod: string; readonly onlyIfExpired: boolean },
  { signal, onProgress }: RepairOptions,
): Promise<Pick<RepairResult, 'outcome' | 'error' | 'hint'>> {
  const request = { namespace, pod, expired: onlyIfExpired };
  const [session] = await restorePods(kube, request, { signal, onWait: onProgress });
  if (!session) return { outcome: 'alive' };
  const { phase, error } = session.status;
  if (phase === 'Succeeded') return { outcome: 'repaired' };
  return {
    outcome: 'failed',
    error: error?.message ?? `the way home ended as ${phase}`,
    ...(error?.hint !== undefined && { hint: error.hint }),
  };
}

/** Those of the findings that can be seen to the end of the time. */
async function stillThere(
  kube: Kube,
  findings: readonly Finding[],
  { environment, ...request }: WorldRequest & { readonly environment: Environment },
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const end = Date.now() + proofMs;
  let left = findings;
  while (left.length > 0) {
    const objects = await readObjects(kube, { ...request, files: false }, signal);
    const now = diagnose({ environment, ...objects });
    left = left.filter((finding) => now.some((each) => isSame(each, finding)));
    if (left.length === 0 || Date.now() > end) break;
    await sleep(lookEveryMs, undefined, { signal });
  }
  return left;
}
