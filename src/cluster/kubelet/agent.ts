import type { Pod } from 'kubernetes-types/core/v1.js';
import { PassThrough, Writable, type Readable } from 'node:stream';
import { ApiError } from '../api-error.ts';
import type { ExecOptions, ExecSession, LogOptions, NodeAgent } from '../api.ts';
import { readLog } from './logs/read-log.ts';
import type { LogFile } from './logs/log-file.ts';
import type { ContainerRun } from './pod/container-run.ts';
import type { PodWorker } from './pod/pod-worker.ts';

/** A client of attach that reads nothing may keep this much waiting; then it is let go. */
const MAX_BEHIND_BYTES = 4 * 1024 * 1024;

/** The streams of this node's Pods; `find` gives the worker of a Pod that is bound here. */
export function nodeAgent(find: (pod: Pod) => PodWorker | undefined): NodeAgent {
  const runOf = (pod: Pod, container: string): ContainerRun => {
    const run = find(pod)?.runs.find((other) => other.container.name === container);
    if (!run) throw notFound(pod, container);
    return run;
  };
  return {
    exec: async (pod, options) => exec(runOf(pod, options.container), options),
    attach: async (pod, options) => attach(runOf(pod, options.container), options),
    logs: async (pod, options) => logs({ pod, run: runOf(pod, options.container), options }),
    portForward: async (pod, port) => {
      const sandbox = find(pod)?.context?.sandbox;
      if (!sandbox) throw new Error(`pod ${pod.metadata?.name} has no network yet`);
      return sandbox.connect(port);
    },
  };
}

async function exec(run: ContainerRun, options: ExecOptions): Promise<ExecSession> {
  if (run.state.kind !== 'running') throw notRunning(run);
  const process = await run.state.process.exec(options);
  const { stdin, stdout, stderr } = process;
  const wanted = options.stdout ? stdout : void stdout.resume();
  const errors = options.stderr ? stderr : void stderr?.resume();
  const read = Promise.all([readToEnd(stdout), stderr && readToEnd(stderr)]);
  const end = async () => {
    const { exitCode } = await process.exit;
    stdin?.destroy();
    await read;
    return { exitCode };
  };
  return {
    ...(stdin && options.stdin && { stdin }),
    ...(wanted && { stdout: wanted }),
    ...(errors && { stderr: errors }),
    resize: (columns, rows) => process.resize(columns, rows),
    exit: end(),
    abandon: () => {
      if (options.tty) stdout.resume();
      else for (const stream of [stdin, stdout, stderr]) stream?.destroy();
    },
  };
}

function readToEnd(stream: Readable): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  stream.on('error', () => {});
  stream.once('close', resolve);
  return promise;
}

async function attach(run: ContainerRun, options: ExecOptions): Promise<ExecSession> {
  // Its outputs end a moment before its state says so; kubectl reads the log of one that has ended.
  if (run.state.kind !== 'running' || !run.log || run.log.ended) throw notRunning(run);
  const { process } = run.state;
  const stdout = options.stdout ? follow(run.log, 'stdout') : undefined;
  const stderr = options.stderr && !options.tty ? follow(run.log, 'stderr') : undefined;
  const stdin = options.stdin && process.stdin ? forward(process.stdin, run) : undefined;
  return {
    ...(stdin && { stdin }),
    ...(stdout && { stdout }),
    ...(stderr && { stderr }),
    resize: (columns, rows) => process.resize?.(columns, rows),
    // As upstream: how the container ended is in the Pod's status, not in the stream's.
    exit: process.exit.then(() => ({ exitCode: 0 })),
    abandon: () => {
      stdin?.end();
      stdout?.destroy();
      stderr?.destroy();
    },
  };
}

/** A client's input; its end, or the client's, is the container's only where `stdinOnce` says so, and no terminal. */
function forward(target: Writable, { container }: ContainerRun): Writable {
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      // The container may have closed its end; that is no fault of the client's.
      if (target.writable) target.write(chunk, () => done());
      else done();
    },
    final: (done) => {
      if (container.stdinOnce && !container.tty) target.end();
      done();
    },
  });
}

/** What the container writes from now on. */
function follow(log: LogFile, name: 'stdout' | 'stderr'): Readable {
  const copy = new PassThrough();
  const write = (chunk: Buffer) => {
    copy.write(chunk);
    if (copy.writableLength > MAX_BEHIND_BYTES) copy.destroy();
  };
  const end = () => copy.end();
  log.changes.on(name, write);
  log.changes.once('end', end);
  copy.once('close', () => {
    log.changes.off(name, write);
    log.changes.off('end', end);
  });
  return copy;
}

function logs(of: {
  readonly pod: Pod;
  readonly run: ContainerRun;
  readonly options: LogOptions;
}): Readable {
  const { pod, run, options } = of;
  const container = run.container.name;
  const where = `container "${container}" in pod "${pod.metadata?.name}"`;
  const log = options.previous ? previousLog(run) : run.log;
  if (log) return readLog(log, options);
  if (options.previous)
    throw new ApiError(400, 'BadRequest', `previous terminated ${where} not found`);
  const why =
    run.state.kind === 'waiting' && /ImagePull/.test(run.state.reason)
      ? 'trying and failing to pull image'
      : run.state.kind === 'waiting'
        ? run.state.reason
        : 'not available';
  throw new ApiError(400, 'BadRequest', `${where} is waiting to start: ${why}`);
}

/** While a container waits for its restart, its last run is already the previous one. */
function previousLog(run: ContainerRun): LogFile | undefined {
  return run.state.kind === 'waiting' && run.last ? run.log : run.previousLog;
}

function notFound(pod: Pod, container: string): ApiError {
  const name = pod.metadata?.name ?? '';
  return new ApiError(400, 'BadRequest', `container ${container} is not valid for pod ${name}`);
}

function notRunning(run: ContainerRun): Error {
  return new Error(`container not found ("${run.container.name}")`);
}
