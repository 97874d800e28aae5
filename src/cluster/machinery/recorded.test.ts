import { applyPatch } from 'rfc6902';
import { describe, expect, test } from 'vitest';

import { ApiError } from '../api-error.ts';
import { decodePatched } from './codec/decode-patched.ts';
import { applyDefaults } from './defaults/apply-defaults.ts';
import { invalid } from './field-error.ts';
import { parseApiVersion } from './group-version-kind.ts';
import { isObject, type JsonObject } from './json-value.ts';
import { type Kind, kindOf } from './kind-rules.ts';
import { type ManagedFieldsEntry, recordUpdate } from './managed-fields/record-update.ts';
import { serverSideApply } from './managed-fields/server-side-apply.ts';
import { strategicMergePatch } from './patch/strategic-merge-patch.ts';
import { recorded } from '../../../test/support/recorded.ts';
import { typeOf } from './schema/types.ts';
import { conform } from './schema/conform.ts';
import { validateUpdate } from './validation/validate.ts';

interface PatchVector {
  readonly name: string;
  readonly path: string;
  readonly type: string;
  readonly query: string;
  readonly patch: unknown;
  readonly code: number;
  readonly before: RecordedObject;
  readonly after: RecordedObject;
}

interface RecordedObject extends JsonObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: JsonObject & { readonly managedFields?: readonly ManagedFieldsEntry[] };
}

interface RecordedDefaults {
  readonly input: JsonObject;
  readonly code: number;
  readonly output: RecordedObject;
}

describe('the patches recorded from a real API server', () => {
  test.each(recorded<PatchVector[]>('patch-vectors.json').map((vector) => [vector.name, vector]))(
    '%s',
    (_, vector) => {
      expect(outcomeOf(vector)).toEqual(vector.after);
    },
  );
});

function outcomeOf(vector: PatchVector): unknown {
  const gvk = kindOfObject(vector.before);
  try {
    return patched(gvk, vector);
  } catch (error) {
    if (error instanceof ApiError) return error.status;
    throw error;
  }
}

function patched(gvk: Kind, vector: PatchVector): JsonObject {
  const { before, patch, type } = vector;
  const query = new URLSearchParams(vector.query);
  const isStatus = vector.path.endsWith('/status');
  const subresource = isStatus ? 'status' : '';
  const time = newestTime(vector.after);
  const manager = query.get('fieldManager') ?? 'unknown';
  let next: JsonObject;
  if (type === 'application/apply-patch+yaml') {
    const force = query.get('force') === 'true';
    const applied = serverSideApply({ gvk, live: before, applied: patch, manager, force, time });
    next = applyDefaults(gvk, applied);
  } else {
    const fieldValidation = (query.get('fieldValidation') ?? 'Warn') as 'Strict' | 'Warn';
    const kind = (['json', 'merge', 'strategic'] as const).find((one) => type.includes(`/${one}`));
    const raw =
      kind === 'strategic'
        ? strategicMergePatch(gvk, before, patch)
        : kind === 'merge'
          ? mergePatch(before, patch)
          : jsonPatch(before, patch as never[]);
    const decoded = decodePatched(raw, {
      resource: gvk,
      fieldValidation,
      type: kind ?? 'json',
      patch,
    });
    next = applyDefaults(gvk, decoded.object) as JsonObject;
    const managedFields = recordUpdate({ gvk, live: before, next, manager, subresource, time });
    next = withMetadata(next, { managedFields });
  }
  const kept = isStatus ? 'spec' : 'status';
  next = { ...next, [kept]: before[kept] };
  const { generation } = (vector.code < 300 ? vector.after : before).metadata;
  next = withMetadata(next, { generation });
  const errors = validateUpdate(gvk, next, before, subresource);
  if (errors.length > 0) throw invalid(gvk, String(before.metadata['name']), errors);
  return JSON.parse(JSON.stringify(next)) as JsonObject;
}

describe('the defaults recorded from a real API server', () => {
  test.each(Object.entries(recorded<Record<string, RecordedDefaults>>('defaults.json')))(
    '%s',
    (_, { input, output }) => {
      const gvk = kindOfObject(output);
      const { apiVersion, kind } = output;
      const defaulted = applyDefaults(gvk, { apiVersion, kind, ...input });
      expect(defaulted).toEqual(withoutAdmission(output));
    },
  );
});

test('every recorded object reads back exactly as it was written', () => {
  const vectors = recorded<PatchVector[]>('patch-vectors.json');
  const objects = vectors
    .filter(({ code }) => code < 300)
    .flatMap(({ before, after }) => [before, after]);
  for (const object of objects)
    expect(conform(typeOf(kindOfObject(object)), object)).toEqual(object);
});

// Allocation, admission and the strategies are the API server's part.
function withoutAdmission(output: RecordedObject): JsonObject {
  const object = structuredClone(output) as unknown as Record<string, any>;
  const { metadata, spec, status } = object;
  for (const field of ['uid', 'generation', 'creationTimestamp']) delete metadata[field];
  if (object['kind'] !== 'Namespace' && object['kind'] !== 'CustomResourceDefinition') {
    delete metadata.namespace;
  }
  switch (object['kind']) {
    case 'Pod':
      spec.volumes.pop();
      for (const container of spec.containers) delete container.volumeMounts;
      for (const field of [
        'serviceAccount',
        'serviceAccountName',
        'tolerations',
        'priority',
        'preemptionPolicy',
      ]) {
        delete spec[field];
      }
      object['status'] = {};
      break;
    case 'Service':
      if (spec.clusterIP !== 'None') delete spec.clusterIP;
      for (const field of ['clusterIPs', 'ipFamilies', 'ipFamilyPolicy']) delete spec[field];
      for (const port of spec.ports ?? []) delete port.nodePort;
      break;
    case 'Job':
      delete metadata.labels;
      delete spec.selector;
      delete spec.template.metadata.labels;
      break;
    case 'DaemonSet':
      delete metadata.annotations;
      break;
    case 'Namespace':
      object['spec'] = {};
      object['status'] = {};
      break;
    case 'CustomResourceDefinition':
      delete object['status'];
      break;
    default:
  }
  void status;
  return object;
}

function kindOfObject({ apiVersion, kind }: RecordedObject): Kind {
  return kindOf({ ...parseApiVersion(apiVersion), kind });
}

function newestTime(object: RecordedObject): string {
  const times = (object.metadata?.managedFields ?? []).map(({ time = '' }) => time);
  return times.sort().at(-1) ?? '';
}

function withMetadata(object: JsonObject, change: JsonObject): JsonObject {
  const metadata = isObject(object['metadata']) ? object['metadata'] : {};
  return { ...object, metadata: { ...metadata, ...change } };
}

// RFC 7396
function mergePatch(target: unknown, patch: unknown): JsonObject {
  const result: JsonObject = isObject(target) ? { ...target } : {};
  if (!isObject(patch)) return patch as JsonObject;
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = isObject(value) ? mergePatch(result[key], value) : value;
  }
  return result;
}

function jsonPatch(target: JsonObject, operations: never[]): JsonObject {
  const copy = structuredClone(target);
  applyPatch(copy, operations);
  return copy;
}
