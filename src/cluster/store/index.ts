export { Store } from './store.ts';
export type { Collection } from './collection.ts';
export { type Entry, keyOf } from './entry.ts';
export { type Change } from './watch-log.ts';
export {
  formatLabelSelector,
  type Labels,
  labelSelectorMatcher,
  parseLabelSelector,
} from './label-selector.ts';
export { type FieldReader, parseFieldSelector } from './field-selector.ts';
export { type Journal, openJournal } from './journal/index.ts';
