export type * from './types.ts';
export { KubeError } from './errors.ts';
export { connect } from './connect.ts';
