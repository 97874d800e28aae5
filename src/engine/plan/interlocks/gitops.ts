import type { Service } from 'kubernetes-types/core/v1.js';
import type { KubeObject } from '../../../kube/index.ts';
import type { Circumstances, Finding } from './finding.ts';

interface Keeper {
  /** As its users call it. */
  readonly name: string;
  readonly labels?: readonly string[];
  readonly annotations?: readonly string[];
  /** Field managers by which its writes are known. */
  readonly managers: readonly string[];
  /** By this annotation it is told to leave an object alone. */
  readonly unless?: { readonly annotation: string; readonly value: string };
  /** What it does to a selector that is gone, and when. */
  readonly does: string;
}

/** What keeps objects as they are written elsewhere, and how it is known. */
const keepers: readonly Keeper[] = [
  {
    name: 'Argo CD',
    labels: ['argocd.argoproj.io/instance'],
    annotations: ['argocd.argoproj.io/tracking-id'],
    managers: ['argocd-controller', 'argocd-application-controller'],
    does: 'puts the selector back within seconds where self-heal is on, else with the next sync',
  },
  {
    name: 'Flux',
    labels: ['kustomize.toolkit.fluxcd.io/name', 'helm.toolkit.fluxcd.io/name'],
    managers: ['kustomize-controller', 'helm-controller', 'flux'],
    unless: { annotation: 'kustomize.toolkit.fluxcd.io/reconcile', value: 'disabled' },
    does: 'puts the selector back at its next interval',
  },
  {
    name: 'Config Sync',
    annotations: ['configmanagement.gke.io/managed', 'config.kubernetes.io/owning-inventory'],
    managers: ['configsync'],
    does: 'puts the selector back as soon as it notices',
  },
  {
    name: 'Rancher Fleet',
    labels: ['fleet.cattle.io/bundle-name', 'objectset.rio.cattle.io/hash'],
    managers: ['fleet-agent', 'fleetagent'],
    does: 'puts the selector back where drift correction is on',
  },
  {
    name: 'Helm',
    annotations: ['meta.helm.sh/release-name'],
    managers: ['helm'],
    does: 'puts the selector back with the next upgrade or rollback',
  },
];

/** Route `selector` takes a field away that somebody else may hold the Service to. */
export function findGitOps({ snapshot, services, route }: Circumstances): readonly Finding[] {
  if (route !== 'selector') return [];
  return snapshot.services.flatMap((service) => {
    const { name, namespace } = service.metadata ?? {};
    if (!services.some((each) => each.name === name)) return [];
    const message = keptBy(service);
    if (!message) return [];
    return [
      {
        name: 'gitops-service' as const,
        object: `service/${name}`,
        message,
        hint: `--route=release touches no Service; or stop it for that long first (kubectl get service ${name} -n ${namespace} --show-managed-fields -o yaml)`,
      },
    ];
  });
}

/** Who holds the Service to what is written elsewhere, by what sign, and what that does to its selector. */
export function keptBy(service: Service): string | undefined {
  const owner = service.metadata?.ownerReferences?.find(({ controller }) => controller);
  if (owner) {
    return `${owner.kind.toLowerCase()}/${owner.name} owns it, and its controller may put the selector back at any moment`;
  }
  const keeper = keeperOf(service);
  return keeper && `${keeper.name} keeps it (${keeper.sign}): it ${keeper.does}`;
}

/** Who keeps an object as it is written elsewhere, and by what that is known. */
export function keeperOf({
  metadata,
}: KubeObject):
  | { readonly name: string; readonly sign: string; readonly does: string }
  | undefined {
  const { labels = {}, annotations = {}, managedFields = [] } = metadata ?? {};
  for (const { name, does, managers, unless, ...marks } of keepers) {
    if (unless && annotations[unless.annotation] === unless.value) continue;
    const mark =
      marks.labels?.find((key) => key in labels) ??
      marks.annotations?.find((key) => key in annotations);
    const manager = managedFields.find((entry) => managers.includes(entry.manager ?? ''));
    if (mark === undefined && !manager) continue;
    const sign = mark ?? `field manager ${manager?.manager}, ${manager?.time}`;
    return { name, sign, does };
  }
  return undefined;
}
