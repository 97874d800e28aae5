export { isReady } from './is-ready.ts';
