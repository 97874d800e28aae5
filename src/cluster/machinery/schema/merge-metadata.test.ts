import { expect, test } from 'vitest';

import { recorded } from '../../../../test/support/recorded.ts';
import { kindsInScope, modelName } from './kinds.ts';
import { isAtomicStruct, mergeMetadataOf } from './merge-metadata.ts';
import { structType, type Type, typeOf } from './types.ts';
import { parseApiVersion } from '../group-version-kind.ts';

interface Annotation {
  readonly listType?: string;
  readonly mapKeys?: readonly string[];
  readonly mapType?: string;
  readonly mergeKey?: string;
  readonly strategy?: string;
}

const groups: Readonly<Record<string, string>> = {
  admissionregistration: 'admissionregistration.k8s.io/',
  core: '',
  discovery: 'discovery.k8s.io/',
  events: 'events.k8s.io/',
  flowcontrol: 'flowcontrol.apiserver.k8s.io/',
  rbac: 'rbac.authorization.k8s.io/',
  resource: 'resource.k8s.io/',
};

test('the merge metadata is what a real server publishes, for every type in scope', () => {
  const models = reachableModels();
  let rows = 0;
  for (const [name, fields] of Object.entries(
    recorded<Record<string, Record<string, Annotation | string>>>('field-metadata.json'),
  )) {
    const [, part = '', version = '', kind = ''] = /([a-z0-9]+)\.(v\w+)\.(\w+)$/.exec(name) ?? [];
    const model = modelName({ apiVersion: `${groups[part] ?? ''}${version}`, kind });
    if (!models.has(model)) continue;
    expect([model, isAtomicStruct(model)]).toEqual([model, fields['@mapType'] === 'atomic']);
    for (const [field, annotation] of Object.entries(fields)) {
      if (typeof annotation === 'string') continue;
      rows += 1;
      expect([model, field, published(model, field)]).toEqual([model, field, reduced(annotation)]);
      expect([model, field, structType(model).fields.has(field)]).toEqual([model, field, true]);
    }
  }
  expect(rows).toBeGreaterThan(200);
});

function published(model: string, field: string): Annotation {
  const metadata = mergeMetadataOf(model, field);
  const { list, map, patch } = metadata ?? {};
  const strategy = [
    ...(patch && patch.strategy !== 'none' ? [patch.strategy] : []),
    ...(patch?.retainKeys ? ['retainKeys'] : []),
  ].join(',');
  return {
    ...(list && { listType: list.type }),
    ...(list?.type === 'map' && { mapKeys: list.keys }),
    ...(map === 'atomic' && { mapType: map }),
    ...(patch?.mergeKey !== undefined && { mergeKey: patch.mergeKey }),
    ...(strategy !== '' && { strategy }),
  };
}

// What is atomic for a list, or granular for a map, goes without saying.
function reduced({ listType, mapType, ...rest }: Annotation): Annotation {
  return {
    ...(listType !== undefined && listType !== 'atomic' && { listType }),
    ...(mapType === 'atomic' && { mapType }),
    ...rest,
  };
}

function reachableModels(): Set<string> {
  const models = new Set<string>();
  const visit = (type: Type): void => {
    if (type.kind === 'list') visit(type.item);
    else if (type.kind === 'map') visit(type.value);
    else if (type.kind === 'struct' && !models.has(type.model)) {
      models.add(type.model);
      for (const field of type.fields.values()) visit(field.type);
    }
  };
  for (const { apiVersion, kind } of kindsInScope) {
    visit(typeOf({ ...parseApiVersion(apiVersion), kind }));
  }
  return models;
}
