import type { DeleteOptions } from '../../api.ts';
import { decodeBody } from '../../machinery/index.ts';
import { deleteObject } from '../pipeline/delete.ts';
import { apiVersionOf } from '../resources/resource.ts';
import { isTrue, numberOf, readBody } from './exchange.ts';
import { served } from './present.ts';
import { selectedObjects } from './read.ts';
import { sendObject, sendPlain } from './respond.ts';
import { keyOfTarget, type Target } from './target.ts';

/** DELETE of one object; answers with it while it lingers, else with what the kind's clients expect. */
export async function deleteOne(target: Target): Promise<void> {
  const { context, resource, stored, path } = target;
  const options = await deleteOptionsOf(target);
  if (resource.plural === 'jobs' && options.propagationPolicy === undefined) {
    target.exchange.warnings.push(PODS_ARE_PRESERVED);
  }
  const { object, isGone } = deleteObject(context, stored, keyOfTarget(target), options);
  if (!isGone || resource.returnsDeletedObject) {
    sendObject(target, 200, object);
    return;
  }
  sendPlain(target, 200, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name: path.name,
      ...(resource.group && { group: resource.group }),
      kind: resource.plural,
      uid: object.metadata?.uid,
    },
  });
}

const PODS_ARE_PRESERVED =
  'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning';

/** DELETE of a collection: each object by itself, answered with the list of them. */
export async function deleteMany(target: Target): Promise<void> {
  const { context, resource, stored } = target;
  const options = await deleteOptionsOf(target);
  const items = selectedObjects(target).map(({ metadata }) => {
    const key = { namespace: metadata?.namespace, name: metadata?.name ?? '' };
    return served(resource, deleteObject(context, stored, key, options).object);
  });
  sendPlain(target, 200, {
    kind: `${resource.kind}List`,
    apiVersion: apiVersionOf(resource),
    metadata: { resourceVersion: String(context.store.revision) },
    items,
  });
}

/** From the body, or from the query when there is none. */
async function deleteOptionsOf({ exchange }: Target): Promise<DeleteOptions> {
  const { request, url } = exchange;
  const query = url.searchParams;
  const body = await readBody(request);
  const fromBody =
    body.length === 0
      ? {}
      : (decodeOptions(body, request.headers['content-type'] ?? '') as DeleteOptions & {
          orphanDependents?: boolean;
          dryRun?: readonly string[];
        });
  const gracePeriodSeconds = numberOf(query, 'gracePeriodSeconds');
  const orphanDependents = query.get('orphanDependents');
  const fromQuery = {
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
    ...(query.has('propagationPolicy') && {
      propagationPolicy: query.get('propagationPolicy') as 'Background' | 'Foreground' | 'Orphan',
    }),
    ...(orphanDependents !== null && { orphanDependents: isTrue(orphanDependents) }),
  };
  const merged: typeof fromBody & typeof fromQuery = { ...fromQuery, ...fromBody };
  const { gracePeriodSeconds: seconds, preconditions } = merged;
  const policy = merged.propagationPolicy ?? policyOf(merged.orphanDependents);
  return {
    ...(seconds !== undefined && { gracePeriodSeconds: seconds }),
    ...(policy && { propagationPolicy: policy }),
    ...(preconditions && { preconditions }),
    dryRun: query.has('dryRun') || isDryRun(fromBody),
  };
}

/** DeleteOptions belong to every group version: typed clients send `apps/v1` ones to `apps/v1`. */
function decodeOptions(body: Buffer, contentType: string): unknown {
  const resource = { group: '', version: 'v1', kind: 'DeleteOptions' };
  const [mediaType = ''] = contentType.split(';');
  const text = body.toString('utf8');
  const neutral =
    mediaType.trim() === 'application/vnd.kubernetes.protobuf'
      ? body
      : Buffer.from(text.replace(/"apiVersion"\s*:\s*"[^"]*"/, '"apiVersion":"v1"'));
  return decodeBody(neutral, contentType, { resource, fieldValidation: 'Ignore' }).object;
}

function isDryRun(options: { dryRun?: unknown }): boolean {
  return Array.isArray(options.dryRun) && options.dryRun.length > 0;
}

/** The deprecated way to say Orphan or Background. */
function policyOf(orphanDependents: boolean | undefined): DeleteOptions['propagationPolicy'] {
  if (orphanDependents === undefined) return undefined;
  return orphanDependents ? 'Orphan' : 'Background';
}
