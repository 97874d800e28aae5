import { readFileSync } from 'node:fs';

export interface Target {
  /** A: API server and controllers; P: and a kubelet; the others need more than that. */
  readonly class: string;
  readonly name: string;
  /** What it needs, where upstream's name does not say. */
  readonly reason: string;
}

/** Every conformance test of Kubernetes 1.36, by class. */
export const targets: readonly Target[] = readFileSync(
  new URL('../targets.tsv', import.meta.url),
  'utf8',
)
  .trimEnd()
  .split('\n')
  .map((line) => {
    const [kind, name, reason] = line.split('\t');
    return { class: kind!, name: name!, reason: reason ?? '' };
  });

/** `sig-network` of `[sig-network] Services should …`. */
export function sigOf(name: string): string {
  return /^\[(sig-[\w-]+)\]/.exec(name)?.[1] ?? 'no sig';
}
