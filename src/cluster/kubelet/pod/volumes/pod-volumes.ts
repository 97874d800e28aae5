import type {
  Container,
  EmptyDirVolumeSource,
  Pod,
  ServiceAccountTokenProjection,
  Volume,
  VolumeMount,
} from 'kubernetes-types/core/v1.js';
import { chmodSync, chownSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ApiError } from '../../../api-error.ts';
import { hasNamespaces } from '../../../network/index.ts';
import { milliValue } from '../../../machinery/codec/quantity.ts';
import type { Mount } from '../../runtime/runtime.ts';
import { ConfigError } from '../config-error.ts';
import type { NodeContext, SayLimit } from '../pod-context.ts';
import { writeAtomically, type Owner } from './atomic-writer.ts';
import { hostPathOf } from './host-path.ts';
import { payloadOf, type PayloadOptions } from './payload.ts';
import { claimedPath } from './persistent-claim.ts';
import { subPathOf } from './sub-path.ts';
import { mountTmpfs, unmount } from './tmpfs.ts';
import { VolumeError } from './volume-error.ts';

export interface PodVolumesOptions {
  readonly node: NodeContext;
  /** The Pod's own directory; its volumes live in `volumes/` there. */
  readonly directory: string;
  readonly pod: () => Pod;
  readonly sayLimit: SayLimit;
}

interface Prepared {
  readonly path: string;
  /** As upstream, what the API server holds cannot be written. */
  readonly readOnly: boolean;
}

/** A Pod's volumes as directories of the machine: made before its containers, kept current, taken down after. */
export class PodVolumes implements AsyncDisposable {
  readonly #options: PodVolumesOptions;
  readonly #prepared = new Map<string, Prepared>();
  readonly #tokens = new Map<string, { readonly token: string; readonly renewAt: number }>();
  readonly #mounted: string[] = [];
  #refreshing: NodeJS.Immediate | undefined;

  constructor(options: PodVolumesOptions) {
    this.#options = options;
  }

  /** Makes what is not there yet; throws `VolumeError` for the first volume that cannot be had. */
  async setUp(): Promise<void> {
    for (const volume of this.#used()) {
      if (this.#prepared.has(volume.name)) continue;
      try {
        this.#prepared.set(volume.name, await this.#prepare(volume));
      } catch (cause) {
        const { message } = cause as Error;
        throw new VolumeError(`MountVolume.SetUp failed for volume "${volume.name}" : ${message}`, {
          cause,
        });
      }
    }
  }

  /** Writes anew what has changed in the API server, and tokens that are getting old. */
  refresh(): void {
    for (const volume of this.#used()) {
      if (!this.#prepared.has(volume.name)) continue;
      try {
        this.#write(volume);
      } catch (error) {
        // What is there stays there: an object that is gone takes nothing from a running container.
        const isExpected = error instanceof VolumeError || error instanceof ApiError;
        if (!isExpected) this.#options.node.onError(error);
      }
    }
  }

  /** The same, once for many changes, and not from inside the write that it follows. */
  refreshSoon(): void {
    this.#refreshing ??= setImmediate(() => {
      this.#refreshing = undefined;
      this.refresh();
    });
  }

  /** Whether a volume shows this ConfigMap or Secret. */
  shows(resource: 'configmaps' | 'secrets', name: string): boolean {
    return this.#used().some(({ configMap, secret, projected }) => {
      const sources = [{ configMap, secret: secret && { name: secret.secretName } }];
      return [...sources, ...(projected?.sources ?? [])].some((source) =>
        resource === 'configmaps' ? source.configMap?.name === name : source.secret?.name === name,
      );
    });
  }

  /** Where a container sees its volumes; throws `ConfigError` for a part that cannot be had. */
  mountsOf(container: Container, env: Readonly<Record<string, string>>): Mount[] {
    return (container.volumeMounts ?? []).map((mount) => this.#mount(mount, { container, env }));
  }

  #mount(
    mount: VolumeMount,
    of: { readonly container: Container; readonly env: Readonly<Record<string, string>> },
  ): Mount {
    const prepared = this.#prepared.get(mount.name);
    if (!prepared) throw new ConfigError(`volume "${mount.name}" not found`);
    const source = subPathOf(mount, {
      root: prepared.path,
      container: of.container.name,
      env: of.env,
    });
    return {
      source,
      target: mount.mountPath,
      readOnly: prepared.readOnly || (mount.readOnly ?? false),
    };
  }

  /** The emptyDirs on disk or in memory, with their limits in bytes. */
  emptyDirs(): { readonly volume: Volume; readonly path: string; readonly limit?: number }[] {
    return this.#used().flatMap((volume) => {
      const { path } = this.#prepared.get(volume.name) ?? {};
      if (!volume.emptyDir || path === undefined) return [];
      const limit = bytes(volume.emptyDir.sizeLimit);
      return [{ volume, path, ...(limit && { limit }) }];
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearImmediate(this.#refreshing);
    await unmount(this.#mounted.splice(0));
    this.#prepared.clear();
  }

  #used(): Volume[] {
    const { volumes = [], initContainers = [], containers = [] } = this.#options.pod().spec ?? {};
    const mounts = [...initContainers, ...containers].flatMap((one) => one.volumeMounts ?? []);
    const later = this.#options.pod().spec?.ephemeralContainers ?? [];
    const names = new Set(
      [...mounts, ...later.flatMap((one) => one.volumeMounts ?? [])].map(({ name }) => name),
    );
    return volumes.filter(({ name }) => names.has(name));
  }

  async #prepare(volume: Volume): Promise<Prepared> {
    const { node, pod } = this.#options;
    const { hostPath, emptyDir, persistentVolumeClaim: claim, ephemeral } = volume;
    if (hostPath) return { path: hostPathOf(hostPath), readOnly: false };
    const claimName = ephemeral
      ? `${pod().metadata?.name}-${volume.name}`
      : (claim?.claimName ?? '');
    if (claim || ephemeral) {
      const path = claimedPath(claimName, { api: node.api, pod: pod() });
      return { path, readOnly: claim?.readOnly ?? false };
    }
    if (emptyDir) return { path: await this.#emptyDir(volume.name, emptyDir), readOnly: false };
    if (this.#write(volume)) return { path: this.#pathOf(volume.name), readOnly: true };
    const kind = Object.keys(volume).find((key) => key !== 'name');
    throw new VolumeError(`the embedded cluster has no volumes of kind "${kind}"`);
  }

  async #emptyDir(name: string, { medium, sizeLimit }: EmptyDirVolumeSource): Promise<string> {
    const path = this.#pathOf(name);
    mkdirSync(path, { recursive: true });
    if (medium === 'Memory' || medium?.startsWith('HugePages')) {
      if (hasNamespaces(this.#options.node.runtime.level)) {
        await mountTmpfs(path, bytes(sizeLimit));
        this.#mounted.push(path);
      } else
        this.#options.sayLimit(
          'tmpfs',
          `volume "${name}" lies on disk: only levels with namespaces have volumes in memory`,
        );
    }
    this.#own(path);
    return path;
  }

  /** fsGroup: everything new in the volume belongs to the group too. */
  #own(path: string): void {
    const { fsGroup } = this.#options.pod().spec?.securityContext ?? {};
    if (fsGroup === undefined || this.#saysNoGroups()) {
      chmodSync(path, 0o777);
      return;
    }
    chownSync(path, 0, fsGroup);
    chmodSync(path, 0o2777);
    for (const name of readdirSync(path)) chownSync(join(path, name), 0, fsGroup);
  }

  #saysNoGroups(): boolean {
    const { level } = this.#options.node.runtime;
    if (level === 'namespaces') return false;
    this.#options.sayLimit(
      'fsGroup',
      `fsGroup is not applied at isolation level ${level}: there is one user, who owns all volumes`,
    );
    return true;
  }

  /** False for a volume that is not made of files the API server knows. */
  #write(volume: Volume): boolean {
    const payload = payloadOf(volume, this.#payloadOptions(volume));
    if (!payload) return false;
    const directory = this.#pathOf(volume.name);
    writeAtomically(directory, payload, this.#owner(volume));
    return true;
  }

  #owner(volume: Volume): Owner {
    const { fsGroup, runAsUser } = this.#options.pod().spec?.securityContext ?? {};
    if (fsGroup !== undefined) return this.#saysNoGroups() ? {} : { gid: fsGroup };
    const hasToken = volume.projected?.sources?.some((source) => source.serviceAccountToken);
    if (!hasToken || runAsUser === undefined) return {};
    return this.#options.node.runtime.level === 'namespaces' ? { uid: runAsUser } : {};
  }

  #payloadOptions(volume: Volume): PayloadOptions {
    const { node, pod } = this.#options;
    const { fsGroup, runAsUser } = pod().spec?.securityContext ?? {};
    return {
      api: node.api,
      pod: pod(),
      allocatable: node.allocatable(),
      token: (projection) => this.#token(volume, projection),
      privateTokens: fsGroup !== undefined || runAsUser !== undefined,
    };
  }

  #token(volume: Volume, projection: ServiceAccountTokenProjection): string | undefined {
    const { node, pod } = this.#options;
    if (!node.issueToken) return undefined;
    const key = `${volume.name}/${projection.path}`;
    const known = this.#tokens.get(key);
    const now = Date.now();
    if (known && known.renewAt > now) return known.token;
    const { name = '', namespace = '', uid = '' } = pod().metadata ?? {};
    const { token, expiresAt } = node.issueToken({
      namespace,
      serviceAccount: pod().spec?.serviceAccountName ?? 'default',
      pod: { name, uid },
      audience: projection.audience,
      seconds: projection.expirationSeconds,
    });
    // As upstream: a new one after four fifths of the old one's time.
    const renewAt = now + (Date.parse(expiresAt) - now) * 0.8;
    this.#tokens.set(key, { token, renewAt });
    return token;
  }

  #pathOf(name: string): string {
    return join(this.#options.directory, 'volumes', name);
  }
}

function bytes(quantity: string | undefined): number | undefined {
  const milli = quantity === undefined ? undefined : milliValue(quantity);
  return milli ? Math.ceil(milli / 1000) : undefined;
}
