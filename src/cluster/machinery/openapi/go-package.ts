import { parseApiVersion } from '../group-version-kind.ts';
import { goName } from '../schema/conform.ts';
import { kindsInScope } from '../schema/kinds.ts';
import { type StructType, type Type, typeOf } from '../schema/types.ts';

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const metaTypes = new Set([
  'Condition',
  'DeleteOptions',
  'FieldSelectorRequirement',
  'LabelSelector',
  'LabelSelectorRequirement',
  'ListMeta',
  'ManagedFieldsEntry',
  'ObjectMeta',
  'OwnerReference',
  'Preconditions',
  'Status',
  'StatusCause',
  'StatusDetails',
]);

/** `io.k8s.api.core.v1.PodSpec`: how upstream's documents name a type. */
export function qualifiedName({ model }: StructType): string {
  packages ??= findPackages();
  return `${packages.get(model) ?? meta}.${goName(model)}`;
}

let packages: ReadonlyMap<string, string> | undefined;

// A type belongs to the group whose kinds need it; what several need is core's, or everybody's.
function findPackages(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const visit = (type: Type, name: string): void => {
    if (type.kind === 'list') visit(type.item, name);
    else if (type.kind === 'map') visit(type.value, name);
    else if (type.kind === 'struct' && !found.has(type.model)) {
      found.set(type.model, metaTypes.has(goName(type.model)) ? meta : name);
      for (const field of type.fields.values()) visit(field.type, name);
    }
  };
  const isCore = (apiVersion: string) => !apiVersion.includes('/');
  const coreFirst = kindsInScope.toSorted(
    (a, b) => Number(isCore(b.apiVersion)) - Number(isCore(a.apiVersion)),
  );
  for (const { apiVersion, kind } of coreFirst) {
    const { group, version } = parseApiVersion(apiVersion);
    visit(typeOf({ group, version, kind }), packageOf(group, version));
  }
  return found;
}

function packageOf(group: string, version: string): string {
  const [name = ''] = group.split('.');
  if (group === 'meta.k8s.io') return meta;
  return name === 'apiextensions'
    ? `io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.${version}`
    : `io.k8s.api.${name || 'core'}.${version}`;
}
