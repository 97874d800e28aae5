import type { Kube } from '../../kube/index.ts';

/** Now by the server's clock, in milliseconds: machines that share a record need not agree on the time. */
export function serverNowMs({ clockSkewMs }: Pick<Kube, 'clockSkewMs'>): number {
  return Date.now() + (clockSkewMs ?? 0);
}
