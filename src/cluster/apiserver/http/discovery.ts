import { createHash } from 'node:crypto';
import type { Resource } from '../resources/resource.ts';
import { apiVersionOf } from '../resources/resource.ts';
import { SERVED_GROUPS, type ServedGroup } from '../resources/registry.ts';
import { storedResource } from './target.ts';

/** A discovery document: its body, and the media type that says in which form it is. */
export interface DiscoveryDocument {
  readonly contentType: string;
  readonly body: object;
}

/** `/api`, `/apis` and what is below, or undefined when there is nothing at the path. */
export function discover(
  pathname: string,
  accept: string,
  serverAddress: string,
): DiscoveryDocument | undefined {
  const segments = pathname.split('/').filter((segment) => segment !== '');
  const [root, first, second] = segments;
  if (root === 'api') {
    if (segments.length === 1)
      return aggregatedOr(accept, [CORE], () => legacyVersions(serverAddress));
    return segments.length === 2 ? resourceList(CORE, first) : undefined;
  }
  if (root !== 'apis') return undefined;
  const groups = SERVED_GROUPS.filter(({ name }) => name !== '');
  if (segments.length === 1) return aggregatedOr(accept, groups, () => legacyGroups(groups));
  const group = groups.find(({ name }) => name === first);
  if (!group) return undefined;
  if (segments.length === 2)
    return json({ kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(group) });
  return segments.length === 3 ? resourceList(group, second) : undefined;
}

/** `v1`, `apps/v1`, … of everything that is served. */
export function servedGroupVersions(): { group: string; version: string }[] {
  return SERVED_GROUPS.flatMap(({ name, versions }) =>
    versions.map(({ version }) => ({ group: name, version })),
  );
}

export function servedResources(group: string, version: string): readonly Resource[] {
  return (
    SERVED_GROUPS.find(({ name }) => name === group)?.versions.find(
      (one) => one.version === version,
    )?.resources ?? []
  );
}

const CORE = SERVED_GROUPS.find(({ name }) => name === '')!;

/** KEP-3352: one document with everything, for clients that ask for it. */
function aggregatedOr(
  accept: string,
  groups: readonly ServedGroup[],
  legacy: () => object,
): DiscoveryDocument {
  for (const choice of accept.split(',')) {
    const version = /;v=(v2|v2beta1)\b/.exec(choice)?.[1];
    if (!version || !choice.includes('as=APIGroupDiscoveryList')) continue;
    if (!choice.includes('g=apidiscovery.k8s.io') || !choice.includes('application/json')) continue;
    return {
      contentType: `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
      body: {
        kind: 'APIGroupDiscoveryList',
        apiVersion: `apidiscovery.k8s.io/${version}`,
        metadata: {},
        items: groups.map(aggregatedGroup),
      },
    };
  }
  return json(legacy());
}

function aggregatedGroup({ name, versions }: ServedGroup): object {
  return {
    metadata: name === '' ? {} : { name },
    versions: versions.map(({ version, resources }) => ({
      version,
      resources: resources.map(aggregatedResource),
      freshness: 'Current',
    })),
  };
}

function aggregatedResource(resource: Resource): object {
  const { plural, kind, namespaced, singular, verbs, shortNames, categories } = resource;
  return {
    resource: plural,
    responseKind: { group: '', version: '', kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    ...(shortNames.length > 0 && { shortNames }),
    ...(categories.length > 0 && { categories }),
    ...(resource.subresources.length > 0 && {
      subresources: resource.subresources.map((subresource) => ({
        subresource: subresource.name,
        responseKind: {
          group: subresource.group ?? '',
          version: subresource.version ?? '',
          kind: subresource.kind,
        },
        verbs: subresource.verbs,
      })),
    }),
  };
}

function legacyVersions(serverAddress: string): object {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  };
}

function legacyGroups(groups: readonly ServedGroup[]): object {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(groupEntry) };
}

function groupEntry({ name, versions }: ServedGroup): object {
  const entries = versions.map(({ version }) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: entries, preferredVersion: entries[0] };
}

function resourceList(
  { name, versions }: ServedGroup,
  version = '',
): DiscoveryDocument | undefined {
  const served = versions.find((one) => one.version === version);
  if (!served) return undefined;
  return json({
    kind: 'APIResourceList',
    ...(name !== '' && { apiVersion: 'v1' }),
    groupVersion: apiVersionOf({ group: name, version }),
    resources: served.resources.flatMap(legacyResources),
  });
}

function legacyResources(resource: Resource): object[] {
  const { plural, singular, namespaced, kind, verbs, shortNames, categories } = resource;
  return [
    {
      name: plural,
      singularName: singular,
      namespaced,
      kind,
      verbs,
      ...(shortNames.length > 0 && { shortNames }),
      ...(categories.length > 0 && { categories }),
      ...(verbs.includes('list') && { storageVersionHash: storageVersionHash(resource) }),
    },
    ...resource.subresources.map((subresource) => ({
      name: `${plural}/${subresource.name}`,
      singularName: '',
      namespaced,
      ...(subresource.group && { group: subresource.group, version: subresource.version }),
      kind: subresource.kind,
      verbs: subresource.verbs,
    })),
  ];
}

function storageVersionHash(resource: Resource): string {
  const {
    group,
    version: served,
    kind,
    storageVersion: version = served,
  } = storedResource(resource);
  return createHash('sha256')
    .update(`${group}/${version}/${kind}`)
    .digest()
    .subarray(0, 8)
    .toString('base64');
}

function json(body: object): DiscoveryDocument {
  return { contentType: 'application/json', body };
}
