import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { KubeError } from '../../kube/index.ts';
import { PitstopError } from '../errors.ts';
import { assertSameContainer, readIdentity, type ContainerIdentity } from './identity.ts';
import { explained, runScript, shellCommand } from './shell.ts';
import { killDetachedScript, runDetachedScript } from './detached-script.ts';
import { execPlace, reach, type Target } from './target.ts';
import type { WorkDirectory } from './work-directory.ts';

export interface DetachedRun {
  readonly exitCode: number;
  /** The last 8 KiB of each; with `merge`, stdout has both. */
  readonly stdout: string;
  readonly stderr: string;
}

/** Where it runs, until when; `signal` ends it. */
export interface RunContext {
  readonly target: Target;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

interface DetachedOptions {
  readonly argv: readonly string[];
  readonly directory: WorkDirectory;
  /** Absolute path of the file whose growth is the progress. */
  readonly watch: string;
  readonly merge?: boolean;
  readonly onSize: (sizeBytes: number) => void;
}

const longestPauseMs = 5_000;
/** How often in a row the way to the container may fail before its command is given up on. */
const patience = 12;
/** How long a kubelet may take to tell that the container is another one. */
const statusLagMs = 15_000;

/**
 * Runs a command in the container, independent of the stream that started it: a cut connection only
 * means listening again. Abort and timeout end the command. Throws `container-restarted`,
 * `diagnostic-timeout`, `diagnostic-failed`; a non-zero exit code is a result.
 */
export async function runDetached(
  context: RunContext,
  options: DetachedOptions,
): Promise<DetachedRun> {
  const { target, timeoutMs } = context;
  const deadline = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([context.signal, deadline]);
  const identity = await readIdentity(target, signal);
  try {
    const exitCode = await listen(context, options, identity, signal);
    const { stdout, stderr } = await readTails(context, options);
    return { exitCode, stdout, stderr };
  } catch (error) {
    await kill(context, options.directory);
    if (context.signal.aborted) throw context.signal.reason;
    if (!deadline.aborted) throw error;
    throw new PitstopError(
      'diagnostic-timeout',
      `${options.argv[0]} did not finish in ${timeoutMs / 1000} s in pod ${target.namespace}/${target.pod}; it was ended`,
      { hint: 'give it longer: --timeout=30m', cause: error },
    );
  }
}

async function listen(
  context: RunContext,
  options: DetachedOptions,
  identity: ContainerIdentity,
  signal: AbortSignal,
): Promise<number> {
  let failures = 0;
  for (;;) {
    const heard: Heard = { last: undefined, lines: 0, outOfMemory: false };
    const problem = await listenOnce(context, options, signal, heard);
    const [, code] = /^exit (\d+)$/.exec(heard.last ?? '') ?? [];
    if (code !== undefined && !(heard.outOfMemory && Number(code) === killed)) return Number(code);
    signal.throwIfAborted();
    await assertSame(context, identity, signal);
    if (code !== undefined) throw lost(context, options, heard);
    if (heard.last === 'lost' || heard.last === 'gone') {
      await awaitStatus(context, identity, signal);
      throw lost(context, options, heard);
    }
    failures = heard.lines > 0 ? 1 : failures + 1;
    if (failures > patience) throw problem ?? lost(context, options, heard);
    // A stream that brought something is taken up again at once.
    const pauseMs = heard.lines > 0 ? 50 : Math.min(250 * 2 ** failures, longestPauseMs);
    await sleep(pauseMs, undefined, { signal });
  }
}

/** A shell's exit code of what SIGKILL ended. */
const killed = 137;

interface Heard {
  last: string | undefined;
  lines: number;
  /** The kernel has killed something of the container's for want of memory. */
  outOfMemory: boolean;
}

/** Where the cluster does not answer, nothing speaks against it. */
async function assertSame(
  { target }: RunContext,
  identity: ContainerIdentity,
  signal: AbortSignal,
): Promise<void> {
  await assertSameContainer(target, identity, signal).catch((error: unknown) => {
    if (error instanceof PitstopError) throw error;
  });
}

/** What vanished may have gone with its container, of which the status tells a little later. */
async function awaitStatus(
  context: RunContext,
  identity: ContainerIdentity,
  signal: AbortSignal,
): Promise<void> {
  const until = performance.now() + statusLagMs;
  while (performance.now() < until) {
    await sleep(500, undefined, { signal });
    await assertSame(context, identity, signal);
  }
}

/** One stream's worth of listening; a failure that may pass is returned, any other thrown. */
async function listenOnce(
  { target }: RunContext,
  options: DetachedOptions,
  signal: AbortSignal,
  heard: Heard,
): Promise<unknown> {
  const { directory, watch, merge = false, argv } = options;
  const stdout = lineWriter((line) => {
    heard.last = line;
    heard.lines += 1;
    if (line === 'oom') heard.outOfMemory = true;
    if (line.startsWith('size ')) options.onSize(Number(line.slice(5)));
  });
  try {
    await target.kube.exec({
      ...execPlace(target),
      command: shellCommand(runDetachedScript, [
        reach(target, directory.path),
        reach(target, watch),
        merge ? 'merge' : 'split',
        ...argv,
      ]),
      stdout,
      signal,
    });
    return undefined;
  } catch (error) {
    if (error instanceof KubeError && !['unauthorized', 'forbidden'].includes(error.code)) {
      return explained(error, target);
    }
    throw error;
  }
}

function lineWriter(onLine: (line: string) => void): Writable {
  let rest = '';
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      const lines = (rest + chunk.toString('utf8')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
      done();
    },
  });
}

function lost({ target }: RunContext, { argv }: DetachedOptions, heard: Heard): PitstopError {
  const { namespace, pod, container } = target;
  if (heard.outOfMemory) {
    return new PitstopError(
      'diagnostic-failed',
      `${argv[0]} in pod ${namespace}/${pod} was killed by the kernel: the memory limit of container ${container} was reached`,
      { hint: 'a diagnostic that needs less, or a higher memory limit (a new revision)' },
    );
  }
  const how = heard.last === 'gone' ? 'its directory is gone' : 'killed from outside?';
  return new PitstopError(
    'diagnostic-failed',
    `${argv[0]} in pod ${namespace}/${pod} ended without telling how (${how})`,
    { hint: `kubectl describe pod ${pod} -n ${namespace}` },
  );
}

async function readTails(
  { target, signal }: RunContext,
  { directory }: DetachedOptions,
): Promise<Pick<DetachedRun, 'stdout' | 'stderr'>> {
  const { stdout } = await runScript(
    target,
    `for name in stdout stderr; do
      [ -f "$1/$name" ] && { tail -c 8192 "$1/$name" 2>/dev/null || head -c 8192 "$1/$name"; }
      printf '\\036'
    done`,
    [reach(target, directory.path)],
    { signal },
  );
  const [out = '', error = ''] = stdout.split('\u001E');
  return { stdout: out, stderr: error };
}

/** Best effort: the container may be gone, and with it what there was to end. */
async function kill({ target }: RunContext, directory: WorkDirectory): Promise<void> {
  const signal = AbortSignal.timeout(15_000);
  await runScript(target, killDetachedScript, [reach(target, directory.path)], { signal }).catch(
    () => undefined,
  );
}
