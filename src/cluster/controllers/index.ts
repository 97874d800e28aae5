import type { Api } from '../api.ts';
import { certificateSigner, type SignCertificate } from './certificate-signer.ts';
import { type Clock, systemClock } from './clock.ts';
import { clusterRoleAggregationController } from './cluster-role-aggregation.ts';
import { daemonSetController } from './daemonset/controller.ts';
import { deploymentController } from './deployment/controller.ts';
import { disruptionController } from './disruption/controller.ts';
import { endpointsController } from './endpoints/controller.ts';
import { endpointSliceController } from './endpointslice/controller.ts';
import { endpointSliceMirroringController } from './endpointslice-mirroring/controller.ts';
import { garbageCollector } from './garbage-collector/controller.ts';
import { Informers } from './informer.ts';
import { jobController } from './job/controller.ts';
import { orphanPodController } from './job/orphan-pods.ts';
import { ttlAfterFinishedController } from './job/ttl-after-finished.ts';
import { namespaceController } from './namespace.ts';
import { rootCaController, serviceAccountController } from './namespace-furniture.ts';
import { nodeLifecycleController } from './node-lifecycle/controller.ts';
import { nodeRegistrationController } from './node-lifecycle/registration.ts';
import { taintEvictionController } from './node-lifecycle/taint-eviction.ts';
import { podGarbageCollector } from './pod-garbage.ts';
import { quotaController } from './quota.ts';
import { replicaSetController, replicationController } from './replicaset/controller.ts';
import {
  type Controller,
  type ControllerContext,
  type OnControllerError,
  runController,
} from './runner.ts';
import { statefulSetController } from './statefulset/controller.ts';
import { claimController } from './volumes/claims.ts';
import { claimProtectionController, volumeProtectionController } from './volumes/protection.ts';
import { volumeController } from './volumes/volumes.ts';
import { tokenSecretController, type TokenSecretOptions } from './token-secrets.ts';

/** CronJob takes its place in this list when it comes. */
const CONTROLLERS: readonly ((context: ControllerContext) => Controller)[] = [
  serviceAccountController,
  clusterRoleAggregationController,
  deploymentController,
  replicaSetController,
  replicationController,
  statefulSetController,
  daemonSetController,
  jobController,
  orphanPodController,
  ttlAfterFinishedController,
  // Slices first: they are what traffic follows.
  endpointSliceController,
  endpointsController,
  endpointSliceMirroringController,
  disruptionController,
  namespaceController,
  nodeRegistrationController,
  nodeLifecycleController,
  taintEvictionController,
  podGarbageCollector,
  claimProtectionController,
  volumeProtectionController,
  quotaController,
  garbageCollector,
];

export interface StartControllersOptions {
  readonly api: Api;
  /** Called with what a reconcile threw, but for 404 and 409; it is tried again all the same. */
  readonly onError: OnControllerError;
  /** PEM; published as ConfigMap `kube-root-ca.crt` in every namespace. */
  readonly rootCa?: string;
  /** Signs the certificates of further users, once they are approved. */
  readonly signCertificate?: SignCertificate;
  /** Fills the Secrets that carry a service account's token; needs `rootCa`. */
  readonly issueSecretToken?: TokenSecretOptions['issueSecretToken'];
  /** Where claims of the default class get their directories; absent = they wait for a volume by hand. */
  readonly volumesDirectory?: string;
  /** False where the cluster answers as a Kubernetes before 1.33. */
  readonly labelsEndpoints?: boolean;
  readonly clock?: Clock;
}

/** Runs what kube-controller-manager runs, until disposed. */
export function startControllers({
  api,
  onError,
  rootCa,
  issueSecretToken,
  signCertificate,
  volumesDirectory,
  labelsEndpoints = true,
  clock = systemClock,
}: StartControllersOptions): AsyncDisposable {
  const stack = new DisposableStack();
  const informers = stack.use(new Informers(api));
  const context = { api, informers, clock, labelsEndpoints };
  const controllers = CONTROLLERS.map((create) => create(context));
  controllers.push(
    claimController(context, volumesDirectory),
    volumeController(context, volumesDirectory),
  );
  if (rootCa) controllers.push(rootCaController(context, rootCa));
  if (signCertificate) controllers.push(certificateSigner(context, signCertificate));
  if (rootCa && issueSecretToken) {
    controllers.push(tokenSecretController(context, { rootCa, issueSecretToken }));
  }
  for (const controller of controllers) stack.use(runController(controller, { clock, onError }));
  return {
    async [Symbol.asyncDispose]() {
      stack.dispose();
    },
  };
}
