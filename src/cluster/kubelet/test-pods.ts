import type { Pod, PodSpec } from 'kubernetes-types/core/v1.js';

export const sh = (script: string) => ['sh', '-c', script];

/** Sleeps until SIGTERM, which it ends by at once. */
export const SLEEP = sh('trap "exit 0" TERM; while :; do sleep 0.1; done');

/** A container of a program of this machine. */
export const box = (command: string[], more: object = {}): PodSpec['containers'][number] => ({
  name: 'box',
  image: 'host',
  command,
  ...more,
});

export const stateOf = (pod: Pod, index = 0) => pod.status?.containerStatuses?.[index];
