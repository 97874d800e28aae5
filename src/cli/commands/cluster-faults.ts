import type { Fault, FaultRecord, RequestEffect } from '../../cluster/index.ts';
import { exitCodes, type ExitCode } from '../exit-code.ts';
import type { ClusterFlags } from '../flags.ts';
import type { Io } from '../io.ts';
import { printDocument } from '../render/document.ts';
import { renderTable } from '../render/table.ts';
import { UsageError } from '../usage-error.ts';

interface RepeatFlags extends ClusterFlags {
  readonly times?: number;
  readonly skip?: number;
}

interface ContainerFlags extends RepeatFlags {
  readonly pod?: string;
  readonly container?: string;
}

interface RequestFlags extends RepeatFlags {
  readonly verb?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly object?: string;
  readonly by?: string;
  readonly answer?: string | false;
  readonly retryAfter?: number;
  readonly lostRequest?: boolean;
  readonly lostAnswer?: boolean;
  readonly delay?: number;
  readonly cutAfter?: number;
}

interface ExecFlags extends ContainerFlags {
  readonly words?: string;
  readonly cutAtByte: number;
  readonly ending: string;
  readonly stall?: number;
}

interface ProbeFlags extends ContainerFlags {
  readonly probe?: string;
}

/** The faults a cluster has been asked for, and how often each has struck. */
export async function listFaults(io: Io, flags: ClusterFlags): Promise<ExitCode> {
  const { faults } = await reach(flags);
  await print(io, flags, await faults.list());
  return exitCodes.done;
}

export async function addRequestFault(io: Io, flags: RequestFlags): Promise<ExitCode> {
  const { verb, resource, subresource, namespace, object: name, by: user } = flags;
  const match = { verb, resource, subresource, namespace, name, user };
  return await add(io, flags, { kind: 'request', match, effect: effectOf(flags) });
}

export async function addExecFault(io: Io, flags: ExecFlags): Promise<ExitCode> {
  const { cutAtByte, ending, stall: stallMs, words: command } = flags;
  return await add(io, flags, {
    kind: 'exec',
    match: { ...containerOf(flags), command },
    cutAtByte,
    ending,
    stallMs,
  });
}

export async function addProbeFault(io: Io, flags: ProbeFlags): Promise<ExitCode> {
  const match = { ...containerOf(flags), probe: flags.probe };
  return await add(io, flags, { kind: 'probe', match });
}

export async function removeFault(io: Io, id: string, flags: ClusterFlags): Promise<ExitCode> {
  const { faults } = await reach(flags);
  await faults.remove(id);
  io.stderr.write(`fault/${id} removed\n`);
  return exitCodes.done;
}

export async function clearFaults(io: Io, flags: ClusterFlags): Promise<ExitCode> {
  const { faults } = await reach(flags);
  await faults.clear();
  io.stderr.write('No fault is left; stopped nodes stay stopped.\n');
  return exitCodes.done;
}

export async function killContainer(
  io: Io,
  pod: string,
  { namespace = 'default', container, ...flags }: ContainerFlags,
): Promise<ExitCode> {
  const { faults } = await reach(flags);
  await faults.kill({ namespace, pod, ...(container !== undefined && { container }) });
  io.stderr.write(`pod/${pod} killed\n`);
  return exitCodes.done;
}

export async function runNode(
  io: Io,
  node: string,
  { isRunning, ...flags }: ClusterFlags & { readonly isRunning: boolean },
): Promise<ExitCode> {
  const { faults } = await reach(flags);
  await (isRunning ? faults.startNode(node) : faults.stopNode(node));
  io.stderr.write(`node/${node} ${isRunning ? 'started' : 'stopped'}\n`);
  return exitCodes.done;
}

async function add(
  io: Io,
  { times, skip, ...flags }: RepeatFlags,
  what: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const { parseFault } = await import('../../cluster/index.ts');
  const fault: Fault = await parseFault(withoutUndefined({ ...what, times, skip })).catch(
    (error: Error) => {
      throw new UsageError(error.message, `kubectl pitstop cluster faults ${what['kind']} --help`);
    },
  );
  const { faults } = await reach(flags);
  const { id } = await faults.add(fault);
  if (flags.output === undefined || flags.output === 'wide') io.stdout.write(`fault/${id} added\n`);
  else await print(io, flags, [{ id, fault, fired: 0 }]);
  return exitCodes.done;
}

function effectOf(flags: RequestFlags): RequestEffect {
  const { answer, retryAfter, delay, cutAfter } = flags;
  const effects: unknown[] = [];
  if (typeof answer === 'string') {
    effects.push({
      type: 'status',
      code: Number(answer),
      ...(retryAfter !== undefined && { retryAfterSeconds: Math.ceil(retryAfter / 1000) }),
    });
  }
  if (flags.lostRequest) effects.push({ type: 'lost-request' });
  if (flags.lostAnswer) effects.push({ type: 'lost-answer' });
  if (answer === false) effects.push({ type: 'timeout' });
  if (delay !== undefined) effects.push({ type: 'delay', ms: delay });
  if (cutAfter !== undefined) effects.push({ type: 'cut', afterMs: cutAfter });
  const [effect, ...others] = effects as RequestEffect[];
  if (effect && others.length === 0) return effect;
  throw new UsageError(
    'say what goes wrong, and only one thing',
    'one of --answer, --lost-request, --lost-answer, --no-answer, --delay and --cut-after',
  );
}

function containerOf({ namespace, pod, container }: ContainerFlags) {
  return { namespace, pod, container };
}

/** Flags that were not given; nested objects too. */
function withoutUndefined(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}

async function print(io: Io, flags: ClusterFlags, records: readonly FaultRecord[]): Promise<void> {
  switch (flags.output) {
    case 'json':
    case 'yaml':
      await printDocument(io, flags.output, {
        apiVersion: 'pitstop.dev/v1alpha1',
        kind: 'FaultList',
        items: records,
      });
      break;
    case 'name':
      for (const { id } of records) io.stdout.write(`fault/${id}\n`);
      break;
    case 'wide':
    case undefined:
      if (records.length === 0) {
        io.stderr.write('No faults.\n');
        break;
      }
      io.stdout.write(renderTable(['ID', 'KIND', 'MATCH', 'EFFECT', 'FIRED'], records.map(row)));
  }
}

function row({ id, fault, fired }: FaultRecord): readonly string[] {
  const { kind, match = {}, times } = fault;
  const matched = Object.entries(match)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  return [id, kind, matched || '<all>', effectWords(fault), `${fired}${times ? `/${times}` : ''}`];
}

function effectWords(fault: Fault): string {
  switch (fault.kind) {
    case 'request': {
      const { type, ...rest } = fault.effect;
      return [type, ...Object.values(rest)].join(' ');
    }
    case 'exec':
      return `${fault.ending} at byte ${fault.cutAtByte}`;
    case 'probe':
      return 'fails';
  }
}

async function reach({ name }: ClusterFlags) {
  const { reachCluster } = await import('../../cluster/index.ts');
  return await reachCluster(name);
}
