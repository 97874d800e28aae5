import type {
  ConfigMap,
  Container,
  EnvVarSource,
  Pod,
  Secret,
  Service,
} from 'kubernetes-types/core/v1.js';
import type { Api } from '../../api.ts';
import type { Image } from '../images.ts';
import { ConfigError } from './config-error.ts';
import { expand } from './expand.ts';
import { fieldOf } from './field.ts';
import { resourceField, type Allocatable } from './resource-field.ts';

export interface EnvironmentOptions {
  readonly api: Api;
  readonly pod: Pod;
  readonly container: Container;
  readonly image: Image;
  readonly podIp: string;
  readonly hostIp: string;
  readonly hostname: string;
  /** Undefined where the runtime has a home for the container. */
  readonly home: string | undefined;
  /** Limits that are not set are what the node has. */
  readonly allocatable: Allocatable;
  /** PATH of the containers. */
  readonly path: string;
}

export interface Environment {
  readonly env: Record<string, string>;
  /** Without what image and runtime add: what `$(NAME)` may name. */
  readonly declared: Record<string, string>;
}

/** A container's environment: the image's, the Services', `envFrom`, then `env` in order. */
export function environmentOf(options: EnvironmentOptions): Environment {
  const { pod, container, image, path, home, hostname } = options;
  const services =
    pod.spec?.enableServiceLinks === false ? apiServerLinks(options) : serviceLinks(options);
  const declared: Record<string, string> = {};
  for (const source of container.envFrom ?? []) {
    const [kind, ref] = source.configMapRef
      ? (['configmap', source.configMapRef] as const)
      : (['secret', source.secretRef] as const);
    const data = dataOf(options, { kind, name: ref?.name ?? '', optional: ref?.optional ?? false });
    for (const [key, value] of Object.entries(data ?? {}))
      declared[`${source.prefix ?? ''}${key}`] = value;
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    const found = valueFrom
      ? valueOf(valueFrom, options)
      : expand(value ?? '', { ...services, ...declared });
    if (found !== undefined) declared[name] = found;
  }
  const all = { ...services, ...declared };
  return {
    env: {
      PATH: path,
      ...(home !== undefined && { HOME: home }),
      HOSTNAME: hostname,
      ...image.env,
      ...all,
    },
    declared: all,
  };
}

function valueOf(source: EnvVarSource, options: EnvironmentOptions): string | undefined {
  if (source.fieldRef) return fieldOf(source.fieldRef.fieldPath, options.pod, options);
  if (source.resourceFieldRef)
    return resourceField(source.resourceFieldRef, inPod(source, options));
  const ref = source.configMapKeyRef ?? source.secretKeyRef;
  if (!ref) return undefined;
  const kind = source.configMapKeyRef ? 'configmap' : 'secret';
  const optional = ref.optional ?? false;
  const data = dataOf(options, { kind, name: ref.name ?? '', optional });
  const value = data?.[ref.key];
  if (value === undefined && data && !optional)
    throw new ConfigError(
      `couldn't find key ${ref.key} in ${kind === 'secret' ? 'Secret' : 'ConfigMap'} ${options.pod.metadata?.namespace}/${ref.name}`,
    );
  return value;
}

/** A container may ask for another one's resources. */
function inPod({ resourceFieldRef }: EnvVarSource, options: EnvironmentOptions) {
  const { pod, allocatable } = options;
  const all = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  const named = all.find(({ name }) => name === resourceFieldRef?.containerName);
  return { container: named ?? options.container, allocatable };
}

function dataOf(
  options: EnvironmentOptions,
  ref: { readonly kind: 'configmap' | 'secret'; readonly name: string; readonly optional: boolean },
): Record<string, string> | undefined {
  const key = { namespace: options.pod.metadata?.namespace, name: ref.name };
  if (ref.kind === 'configmap') {
    const map = options.api.get<ConfigMap>('configmaps', key);
    if (map) return map.data ?? {};
  } else {
    const secret = options.api.get<Secret>('secrets', key);
    if (secret)
      return Object.fromEntries(
        Object.entries(secret.data ?? {}).map(([name, value]) => [
          name,
          Buffer.from(value, 'base64').toString(),
        ]),
      );
  }
  if (ref.optional) return undefined;
  throw new ConfigError(`${ref.kind} "${ref.name}" not found`);
}

function apiServerLinks(options: EnvironmentOptions): Record<string, string> {
  const service = options.api.get<Service>('services', {
    namespace: 'default',
    name: 'kubernetes',
  });
  return service ? linksOf(service) : {};
}

function serviceLinks(options: EnvironmentOptions): Record<string, string> {
  const services = options.api.list<Service>('services', {
    namespace: options.pod.metadata?.namespace,
  });
  return Object.assign(apiServerLinks(options), ...services.map(linksOf)) as Record<string, string>;
}

/** The variables Docker links once had: `MY_SVC_SERVICE_HOST`, `MY_SVC_PORT_80_TCP_ADDR`, … */
function linksOf(service: Service): Record<string, string> {
  const host = service.spec?.clusterIP;
  const [first, ...others] = service.spec?.ports ?? [];
  if (!host || host === 'None' || !first) return {};
  const name = (service.metadata?.name ?? '').toUpperCase().replaceAll('-', '_');
  const env: Record<string, string> = {
    [`${name}_SERVICE_HOST`]: host,
    [`${name}_SERVICE_PORT`]: `${first.port}`,
    [`${name}_PORT`]: `${(first.protocol ?? 'TCP').toLowerCase()}://${host}:${first.port}`,
  };
  for (const port of [first, ...others]) {
    const protocol = port.protocol ?? 'TCP';
    if (port.name)
      env[`${name}_SERVICE_PORT_${port.name.toUpperCase().replaceAll('-', '_')}`] = `${port.port}`;
    const prefix = `${name}_PORT_${port.port}_${protocol}`;
    env[prefix] = `${protocol.toLowerCase()}://${host}:${port.port}`;
    env[`${prefix}_PROTO`] = protocol.toLowerCase();
    env[`${prefix}_PORT`] = `${port.port}`;
    env[`${prefix}_ADDR`] = host;
  }
  return env;
}
