/**
 * What is not held against the recordings, and why; the name is that of the recorded case,
 * of a resource (`deployments.apps`) or of a subresource (`pods/resize`).
 */
interface Exceptions {
  /** On no cluster: the answer depends on what else was in the recorded one. */
  readonly anywhere: Readonly<Record<string, string>>;
  readonly onEmbedded: Readonly<Record<string, string>>;
  readonly onReal: Readonly<Record<string, string>>;
}

const EXCEPTIONS: Exceptions = {
  anywhere: {
    '410 watch': 'the events are those of the recorded cluster',
    '410 list continue': 'the token is one of the recorded cluster',
    'watch sendInitialEvents': 'the namespaces are those of the recorded cluster',
    selfsubjectreview: 'the user is the one who recorded it',
    'self subject access review': 'the reason names the binding of the user who recorded it',
  },
  onEmbedded: {
    CustomResourceDefinition: 'custom resources are not served',
    'customresourcedefinitions.apiextensions.k8s.io': 'custom resources are not served',
    'apiservices.apiregistration.k8s.io': 'there is no other API server to aggregate',
    componentstatuses: 'deprecated since 1.19, and there are no components to ask',
    'nodes/proxy': 'the kubelet has no HTTP server of its own',
    'pods/resize': 'limits of a running process are not changed',
    'no such command': 'the message is that of the container runtime',
  },
  onReal: {
    'smp: node condition by type': "a real cluster's nodes belong to their kubelets",
    'smp: node taints atomic': "a real cluster's nodes belong to their kubelets",
    'no such command': 'the message is that of the container runtime',
  },
};

/** Why the case is left out on the cluster under test; undefined when it is not. */
export function exceptionFor(name: string, isReal: boolean): string | undefined {
  const { anywhere, onEmbedded, onReal } = EXCEPTIONS;
  return anywhere[name] ?? (isReal ? onReal : onEmbedded)[name];
}

/** A test's title, which says why when it is skipped. */
export function titled(name: string, reason: string | undefined): string {
  return reason === undefined ? name : `${name}: ${reason}`;
}
