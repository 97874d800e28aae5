import { beforeAll, describe, expect, test } from 'vitest';
import { recorded } from '../support/recorded.ts';
import { comparable } from './comparable.ts';
import { exceptionFor, titled } from './exceptions.ts';
import { isReal, useTarget } from './target.ts';

interface KubeObject {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly generation?: number;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly labels?: Readonly<Record<string, string>>;
    readonly managedFields?: readonly { readonly manager: string; readonly subresource?: string }[];
  };
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status?: unknown;
}

interface PatchVector {
  readonly name: string;
  readonly path: string;
  readonly type: string;
  readonly query: string;
  readonly patch: unknown;
  readonly code: number;
  readonly before: KubeObject;
  readonly after: KubeObject;
}

const target = useTarget();
const vectors = recorded<PatchVector[]>('patch-vectors.json');
const generations = new Map<string, number>();

beforeAll(async () => {
  for (const { path, before } of vectors) {
    const { kind, metadata, spec, status } = before;
    const place = path.replace(/\/status$/, '');
    if (generations.has(place) || (isReal && kind === 'Node')) continue;
    const { name, labels, annotations: { [REVISION]: revision, ...annotations } = {} } = metadata;
    const written = { metadata: { name, labels, annotations }, spec: withoutAllocated(spec) };
    const collection = place.slice(0, place.lastIndexOf('/'));
    const managers = metadata.managedFields ?? [];
    const author = kind === 'Node' ? 'kubelet' : (managers[0]?.manager ?? '');
    await target().created(`${collection}?fieldManager=${author}`, written);
    if (revision) {
      await target().call(`${place}?fieldManager=kube-controller-manager`, {
        method: 'PATCH',
        contentType: 'application/merge-patch+json',
        body: { metadata: { annotations: { [REVISION]: revision } } },
      });
    }
    if (kind === 'Node') {
      await target().call(`${place}/status?fieldManager=kubelet`, {
        method: 'PATCH',
        contentType: 'application/merge-patch+json',
        body: { status },
      });
    }
    const live = await target().call(place);
    generations.set(place, live.body.metadata.generation ?? 0);
  }
});

const REVISION = 'deployment.kubernetes.io/revision';

describe('the recorded patches:', () => {
  for (const vector of vectors) {
    const { name, path, type, query, patch, code, before, after } = vector;
    const reason = exceptionFor(name, isReal);
    test.skipIf(reason !== undefined).each([titled(name, reason)])('%s', async () => {
      const { status, body } = await target().call(`${path}?dryRun=All${query}`, {
        method: 'PATCH',
        contentType: type,
        body: patch,
      });
      expect({
        status,
        body: patched(body, generations.get(path.replace(/\/status$/, ''))),
      }).toEqual({ status: code, body: patched(after, before.metadata.generation) });
    });
  }
});

function withoutAllocated(spec: PatchVector['before']['spec']): object {
  const { clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy, ...rest } = spec;
  void [clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy];
  return rest;
}

/** The outcome, without what controllers write meanwhile; the generation as what it has gained. */
function patched(outcome: KubeObject, generation = 0): unknown {
  const { metadata, status, ...rest } = comparable(outcome) as KubeObject;
  if (rest.kind === 'Status') return comparable(outcome);
  const { annotations: { [REVISION]: _revision, ...annotations } = {} } = metadata;
  return {
    ...rest,
    ...(rest.kind === 'Node' && { status }),
    metadata: {
      ...metadata,
      annotations,
      ...(metadata.generation !== undefined && { generation: metadata.generation - generation }),
      // In the order of their times, which are seconds apart in the recording only.
      managedFields: metadata.managedFields
        ?.filter(
          ({ manager, subresource }) =>
            // A kubelet's share is the outcome of a long life.
            !['kube-controller-manager', 'kubelet'].includes(manager) &&
            (rest.kind === 'Node' || !subresource),
        )
        .toSorted((a, b) => (a.manager < b.manager ? -1 : 1)),
    },
  };
}
