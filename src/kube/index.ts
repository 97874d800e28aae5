export type * from './types.ts';
export { KubeError } from './errors.ts';
