import { runScript } from '../../container/shell.ts';
import { reach } from '../../container/target.ts';
import type { DiagnosticContext } from '../diagnostic.ts';
import type { Jvm } from './jvm.ts';

/** What a running JVM publishes of itself in its perf data file, as of its last collection. */
export interface JvmPerfData {
  /**
   * Upper bound of what can be live: the old generation and survivors, and a whole eden; absent when
   * it has not collected yet.
   */
  readonly heapBytes?: number;
  /** Mean length of its own full collections, in milliseconds; absent when it has had none. */
  readonly fullCollectionMs?: number;
  /** For how long it has stood still since it began, in milliseconds. */
  readonly stoodStillMs?: number;
}

/** Reads the JVM's perf data without its knowing; undefined where there is none (-XX:-UsePerfData). */
export async function readPerfData(
  { target, signal }: Pick<DiagnosticContext, 'target' | 'signal'>,
  { ownPid }: Pick<Jvm, 'ownPid'>,
): Promise<JvmPerfData | undefined> {
  const args = [String(ownPid), reach(target, '/tmp')];
  const { stdout } = await runScript(target, perfDataScript, args, { signal });
  return parsePerfData(stdout);
}

/** For how long the JVM has stood still since `before` was read, by its own account. */
export async function msStoodStill(
  context: Pick<DiagnosticContext, 'target' | 'signal'>,
  jvm: Jvm,
  before: JvmPerfData | undefined,
): Promise<number | undefined> {
  if (before?.stoodStillMs === undefined) return undefined;
  const after = await readPerfData(context, jvm);
  if (after?.stoodStillMs === undefined) return undefined;
  return Math.max(0, Math.round(after.stoodStillMs - before.stoodStillMs));
}

const perfDataScript = `
for f in "$2"/hsperfdata_*/"$1"; do
  [ -r "$f" ] && od -An -v -tx1 "$f" 2>/dev/null && break
done
exit 0`;

/** Reads the hex dump of a perf data file (perfMemory.hpp, version 2.0); undefined when it is none. */
export function parsePerfData(hex: string): JvmPerfData | undefined {
  const data = Buffer.from(hex.replaceAll(/\s+/g, ''), 'hex');
  if (data.length < 32 || data.readUInt32BE(0) !== 0xcafec0c0) return undefined;
  const counters = readLongs(data);
  const frequency = counters.get('sun.os.hrt.frequency') ?? 0;
  const toMs = (ticks: number) => (ticks / frequency) * 1000;
  const heapBytes = boundOfLive(counters);
  const count = counters.get('sun.gc.collector.1.invocations') ?? 0;
  const ticks = counters.get('sun.gc.collector.1.time') ?? 0;
  const still = counters.get('sun.rt.safepointTime');
  return {
    ...(heapBytes !== undefined && { heapBytes }),
    ...(count > 0 && frequency > 0 && { fullCollectionMs: toMs(ticks) / count }),
    ...(still !== undefined && frequency > 0 && { stoodStillMs: toMs(still) }),
  };
}

function boundOfLive(counters: ReadonlyMap<string, number>): number | undefined {
  const spaces = [...counters].flatMap(([name, value]) => {
    const [, generation, space, what] =
      /^sun\.gc\.generation\.(\d)\.space\.(\d)\.(used|capacity)$/.exec(name) ?? [];
    return what ? [{ generation, space, what, value }] : [];
  });
  const eden = (each: (typeof spaces)[number]) => each.generation === '0' && each.space === '0';
  const bounds = spaces.filter((each) => each.what === (eden(each) ? 'capacity' : 'used'));
  if (!spaces.some((each) => !eden(each) && each.what === 'used' && each.value > 0)) {
    return undefined;
  }
  return bounds.reduce((sum, { value }) => sum + value, 0);
}

/** Every entry that is one long, by name. */
function readLongs(data: Buffer): ReadonlyMap<string, number> {
  const little = data[4] === 1;
  const int = (at: number) => (little ? data.readInt32LE(at) : data.readInt32BE(at));
  const long = (at: number) => Number(little ? data.readBigInt64LE(at) : data.readBigInt64BE(at));
  const counters = new Map<string, number>();
  let at = int(24);
  for (let left = int(28); left > 0 && at > 0 && at + 20 <= data.length; left -= 1) {
    const length = int(at);
    const vectorLength = int(at + 8);
    const type = String.fromCharCode(data[at + 12] ?? 0);
    const valueAt = at + int(at + 16);
    if (length < 20) break;
    if (type === 'J' && vectorLength === 0 && valueAt + 8 <= data.length) {
      const nameAt = at + int(at + 4);
      counters.set(data.toString('latin1', nameAt, data.indexOf(0, nameAt)), long(valueAt));
    }
    at += length;
  }
  return counters;
}
