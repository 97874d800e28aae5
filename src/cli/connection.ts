import { connect, type Kube } from '../kube/index.ts';
import type { CommonFlags } from './flags.ts';

/** Opens the cluster that kubectl would use with the same flags. */
export async function connectWith(flags: CommonFlags): Promise<Kube> {
  return await connect({
    kubeconfig: flags.kubeconfig,
    context: flags.context,
    cluster: flags.cluster,
    user: flags.user,
    namespace: flags.namespace,
    server: flags.server,
    token: flags.token,
    as: flags.as,
    asGroup: flags.asGroup,
    insecureSkipTlsVerify: flags.insecureSkipTlsVerify,
    certificateAuthority: flags.certificateAuthority,
    // kubectl: 0 means "no limit"; what a timer can hold is 24 days.
    requestTimeoutMs: flags.requestTimeout === 0 ? 2 ** 31 - 1 : flags.requestTimeout,
  });
}

/** The command that brings a Pod home, with the flags that lead to this cluster. */
export function restoreCommand(
  flags: CommonFlags,
  { namespace, pod }: { readonly namespace: string; readonly pod: string },
): string {
  return commandLine(flags, ['restore', pod, '-n', namespace]);
}

/** A command to type, with the flags that lead to this cluster. */
export function commandLine(flags: CommonFlags, words: readonly string[]): string {
  const ways = [
    ['kubeconfig', flags.kubeconfig],
    ['context', flags.context],
    ['cluster', flags.cluster],
    ['user', flags.user],
    ['server', flags.server],
  ] as const;
  const leading = ways.flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}=${quote(value)}`],
  );
  return ['kubectl pitstop', ...words.map(quote), ...leading].join(' ');
}

/** A word as a shell reads it. */
export function quote(value: string): string {
  return /^[\w./:@=-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}
