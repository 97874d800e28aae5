import type { Endpoints } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { KubeError, type Kube } from '../../../kube/index.ts';
import { skipMirrorLabel } from './managed-slices.ts';
import type { NextWrites } from './next-writes.ts';
import type { SlicePatch } from './place-endpoints.ts';

/**
 * Sends what is next, each write with the resourceVersion it was decided from. Whatever changed
 * meanwhile refuses it; that is no failure: the next picture decides anew.
 */
export async function sendWrites(kube: Kube, writes: NextWrites): Promise<void> {
  await Promise.all(
    writes.creates.map((slice) => unlessOutrun(kube.create('endpointslices', slice))),
  );
  await Promise.all([
    ...writes.patches.map((patch) => unlessOutrun(patchSlice(kube, patch))),
    ...(writes.endpoints ? [unlessOutrun(patchEndpoints(kube, writes.endpoints))] : []),
  ]);
  await Promise.all(writes.deletes.map((slice) => unlessOutrun(deleteSlice(kube, slice))));
}

async function unlessOutrun(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (error instanceof KubeError && ['conflict', 'not-found'].includes(error.code)) return;
    throw error;
  }
}

async function patchSlice(kube: Kube, { slice, endpoints, ports }: SlicePatch): Promise<unknown> {
  const { uid, resourceVersion } = slice.metadata ?? {};
  return await kube.patch<EndpointSlice>(
    referenceOf('endpointslices', slice),
    { metadata: { uid, resourceVersion }, endpoints, ports },
    { type: 'merge' },
  );
}

async function patchEndpoints(
  kube: Kube,
  { object, subsets, annotations }: NonNullable<NextWrites['endpoints']>,
): Promise<unknown> {
  const { uid, resourceVersion } = object.metadata ?? {};
  const labels = { [skipMirrorLabel]: 'true' };
  return await kube.patch<Endpoints>(
    referenceOf('endpoints', object),
    { metadata: { uid, resourceVersion, labels, annotations }, subsets },
    { type: 'merge' },
  );
}

/** With its uid: never another slice of the same name. */
export async function deleteSlice(kube: Kube, slice: EndpointSlice): Promise<void> {
  await kube.delete(referenceOf('endpointslices', slice), { uid: slice.metadata?.uid });
}

function referenceOf<R extends 'endpointslices' | 'endpoints'>(
  resource: R,
  { metadata }: EndpointSlice | Endpoints,
): { resource: R; namespace: string | undefined; name: string } {
  return { resource, namespace: metadata?.namespace, name: metadata?.name ?? '' };
}
