export { decodeApplyPatch } from './codec/decode-apply-patch.ts';
export { type Decoded, decodeBody, type DecodeOptions } from './codec/decode-body.ts';
export { decodePatched, type DecodePatchedOptions } from './codec/decode-patched.ts';
export { applyDefaults } from './defaults/apply-defaults.ts';
export { type FieldError, invalid } from './field-error.ts';
export type { GroupVersion, GroupVersionKind } from './group-version-kind.ts';
export {
  type ManagedFieldsEntry,
  recordUpdate,
  type RecordUpdateOptions,
} from './managed-fields/record-update.ts';
export {
  serverSideApply,
  type ServerSideApplyOptions,
} from './managed-fields/server-side-apply.ts';
export { openApiV2Protobuf } from './openapi/v2-protobuf.ts';
export { openApiV3Document } from './openapi/v3-document.ts';
export { openApiV3Index } from './openapi/v3-index.ts';
export { strategicMergePatch } from './patch/strategic-merge-patch.ts';
export { type Table, type TableOptions, toTable } from './table/to-table.ts';
export { validateCreate, validateUpdate, type ValidationRules } from './validation/validate.ts';
