import { readWorld } from './world.ts';
import { until } from './until.ts';
import type { Kube } from '../../src/kube/index.ts';

type World = Readonly<Record<string, unknown>>;

/** Waits until a namespace reads as before; throws what still differs, a line each. */
export async function awaitWorld(
  kube: Kube,
  namespace: string,
  before: World,
  timeoutMs = 60_000,
): Promise<void> {
  await until(
    'the world to read as before',
    async () => {
      const lines = differences(before, await readWorld(kube, namespace));
      if (lines.length === 0) return true;
      throw new Error(`the world does not read as before:\n${lines.join('\n')}`);
    },
    timeoutMs,
  );
}

/** `path: before → now`, of every leaf that is not the same. */
export function differences(before: unknown, now: unknown, path = ''): readonly string[] {
  if (isTree(before) && isTree(now)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(now)]);
    return [...keys].flatMap((key) => differences(before[key], now[key], `${path}.${key}`));
  }
  const [was, is] = [before, now].map((value) => JSON.stringify(value)?.slice(0, 400) ?? 'nothing');
  return was === is ? [] : [`  ${path.slice(1)}: ${was} → ${is}`];
}

function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
