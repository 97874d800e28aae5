import { setTimeout as sleep } from 'node:timers/promises';
import { runScript } from '../../container/shell.ts';
import { reach } from '../../container/target.ts';
import { writeStream } from '../../container/write-file.ts';
import { PitstopError } from '../../errors.ts';
import type { DiagnosticContext } from '../diagnostic.ts';
import type { FoundNode } from './find-node.ts';
import { inspectorUrl, openInspector, type Dial, type Inspector } from './forwarded-inspector.ts';
import {
  closeIn,
  closeInspector,
  closesAfterMs,
  whoAreYou,
  writeSnapshot,
  type InspectorWork,
} from './inspector-work.ts';

interface Job {
  readonly node: FoundNode;
  readonly work: InspectorWork;
  /** Where the artifact is to be, in the container. */
  readonly file: string;
  readonly onSize: (sizeBytes: number) => void;
}

/**
 * Does over a port-forward what else a program in the container does: for where the container's Node
 * cannot be run. A profile comes here and is written into the container; a snapshot the process
 * writes there itself, where it may. Resolves with whether the inspector is as it was.
 */
export async function workByPortForward(
  context: DiagnosticContext,
  job: Job,
): Promise<{ readonly isLeftOpen: boolean }> {
  const { target, signal, timeoutMs } = context;
  const { node } = job;
  const within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const { kube, namespace, pod } = target;
  const { port } = node.address;
  // Not to be cut by the abort: the inspector is closed over one of them.
  const dial: Dial = () => kube.portForward({ namespace, pod, port });
  let url = await inspectorUrl(dial, node.address);
  const isOpened = url === undefined;
  if (isOpened) url = await openBySignal(context, { node, dial, signal: within });
  if (url === undefined) throw silent(node);
  const inspector = await openInspector(dial, url);
  // What waits for an answer ends with its session.
  const onAbort = () => {
    if (isOpened) inspector.call(closeInspector).catch(() => {});
    setTimeout(() => inspector[Symbol.dispose](), 300);
  };
  within.addEventListener('abort', onAbort);
  try {
    await checkIdentity(inspector, node);
    if (isOpened) await inspector.evaluate(closeIn(timeoutMs + closesAfterMs));
    await workWith(context, inspector, job, within);
  } catch (error) {
    signal.throwIfAborted();
    throw within.aborted ? tooLong(context, node, error) : error;
  } finally {
    within.removeEventListener('abort', onAbort);
    if (isOpened) await closeAgain(inspector);
    inspector[Symbol.dispose]();
  }
  return { isLeftOpen: isOpened && !(await isClosed(dial, node)) };
}

async function workWith(
  context: DiagnosticContext,
  inspector: Inspector,
  { node, work, file, onSize }: Job,
  signal: AbortSignal,
): Promise<void> {
  const [first] = work.begin;
  if (!work.end && first) {
    if (await mayWrite(context, node, file))
      return void (await inspector.evaluate(writeSnapshot(file)));
    const taken = inspector.call(first);
    await writeStream({ ...context, signal }, file, { content: inspector.chunks(taken), onSize });
    return void (await taken);
  }
  for (const call of work.begin) await inspector.call(call);
  await sleep(work.waitMs ?? 0, undefined, { signal });
  const { profile } = work.end ? await inspector.call(work.end) : {};
  const content = (async function* () {
    yield Buffer.from(JSON.stringify(profile));
  })();
  await writeStream({ ...context, signal }, file, { content, onSize });
}

/** Pids are the container's own: another of the Pod may have the same. */
async function checkIdentity(inspector: Inspector, { process, mount, address }: FoundNode) {
  const [pid, theirMount] = (await inspector.evaluate(whoAreYou)) as readonly [number, string];
  if (pid === process.pid && (!mount || !theirMount || mount === theirMount)) return;
  throw new PitstopError(
    'diagnostic-failed',
    `the inspector on port ${address.port} belongs to another process (pid ${pid}), not to pid ${process.pid}`,
  );
}

/** Whether the process may write where the artifact is to be: the directory is its own. */
async function mayWrite(
  { target, signal }: DiagnosticContext,
  { process }: FoundNode,
  file: string,
): Promise<boolean> {
  const directory = reach(target, file.slice(0, file.lastIndexOf('/')));
  const script =
    'stat -c %u -- "$1" 2>/dev/null || ls -nd "$1" | { read -r _ _ uid _; echo "$uid"; }';
  const { stdout } = await runScript(target, script, [directory], { signal });
  return process.uid === 0 || Number(stdout.trim() || NaN) === process.uid;
}

async function openBySignal(
  { target }: DiagnosticContext,
  {
    node: { process, isOpen, address },
    dial,
    signal,
  }: { readonly node: FoundNode; readonly dial: Dial; readonly signal: AbortSignal },
): Promise<string | undefined> {
  if (isOpen) return undefined;
  await runScript(target, 'kill -USR1 "$1"', [String(process.pid)], { signal });
  const signalledAt = performance.now();
  const hasPassed = (ms: number) => performance.now() - signalledAt > ms;
  while (!hasPassed(opensInMs)) {
    const url = await inspectorUrl(dial, address);
    if (url !== undefined && !signal.aborted) return url;
    if (url !== undefined) await closeUnused(dial, url);
    if (url !== undefined || hasPassed(opensSoonMs)) signal.throwIfAborted();
    await sleep(200);
  }
  return undefined;
}

/** A question may take seconds itself where nothing answers: turns would say nothing about time. */
const opensInMs = 30_000;
const closesInMs = 15_000;

/** The signal has been sent: an inspector that opens in a moment is closed before we give up. */
const opensSoonMs = 3000;

async function closeUnused(dial: Dial, url: string): Promise<void> {
  using inspector = await openInspector(dial, url);
  await closeAgain(inspector);
}

/** A process that has come to a stop answers no more. */
async function closeAgain(inspector: Inspector): Promise<void> {
  const asked = inspector.call(closeInspector).catch(() => {});
  await Promise.race([asked, sleep(5000, undefined, { ref: false })]);
}

async function isClosed(dial: Dial, { address }: FoundNode): Promise<boolean> {
  const askedAt = performance.now();
  while (performance.now() - askedAt < closesInMs) {
    if ((await inspectorUrl(dial, address)) === undefined) return true;
    await sleep(200);
  }
  return false;
}

function silent({ process: { pid }, isOpen, address }: FoundNode): PitstopError {
  const why = isOpen
    ? `what listens on port ${address.port} does not answer a port-forward as an inspector does`
    : `it got SIGUSR1 but no inspector answers on port ${address.port}: it may have a handler of its own for it`;
  return new PitstopError('diagnostic-failed', `Node (pid ${pid}): ${why}`);
}

function tooLong({ timeoutMs }: DiagnosticContext, { process }: FoundNode, cause: unknown) {
  return new PitstopError(
    'diagnostic-timeout',
    `Node (pid ${process.pid}) was not done in ${timeoutMs / 1000} s`,
    { hint: 'give it longer: --timeout=30m', cause },
  );
}
