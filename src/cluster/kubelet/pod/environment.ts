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
import { expand } from './expand.ts';

/** The container cannot be configured: reason `CreateContainerConfigError`. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export interface EnvironmentOptions {
  readonly api: Api;
  readonly pod: Pod;
  readonly container: Container;
  readonly image: Image;
  readonly podIp: string;
  readonly hostIp: string;
  /** PATH of the containers. */
  readonly path: string;
}

/** A container's environment: the image's, the Services', `envFrom`, then `env` in order. */
export function environmentOf(options: EnvironmentOptions): Record<string, string> {
  const { pod, container, image } = options;
  const env: Record<string, string> = {
    PATH: options.path,
    HOME: '/root',
    HOSTNAME: pod.spec?.hostname ?? pod.metadata?.name ?? '',
    ...image.env,
    ...(pod.spec?.enableServiceLinks === false ? apiServerLinks(options) : serviceLinks(options)),
  };
  for (const source of container.envFrom ?? []) {
    const [kind, ref] = source.configMapRef
      ? (['configmap', source.configMapRef] as const)
      : (['secret', source.secretRef] as const);
    const data = dataOf(options, { kind, name: ref?.name ?? '', optional: ref?.optional ?? false });
    for (const [key, value] of Object.entries(data ?? {}))
      env[`${source.prefix ?? ''}${key}`] = value;
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    const found = valueFrom ? valueOf(valueFrom, options) : expand(value ?? '', env);
    if (found !== undefined) env[name] = found;
  }
  return env;
}

function valueOf(source: EnvVarSource, options: EnvironmentOptions): string | undefined {
  if (source.fieldRef) return fieldOf(source.fieldRef.fieldPath, options);
  if (source.resourceFieldRef) return resourceOf(source.resourceFieldRef.resource, options);
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

/** The downward API's fields; `metadata.labels['x']` names one label. */
export function fieldOf(
  path: string,
  options: Pick<EnvironmentOptions, 'pod' | 'podIp' | 'hostIp'>,
): string {
  const { metadata, spec } = options.pod;
  const member = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (member) return metadata?.[member[1] as 'labels' | 'annotations']?.[member[2] ?? ''] ?? '';
  const fields: Record<string, string | undefined> = {
    'metadata.name': metadata?.name,
    'metadata.namespace': metadata?.namespace,
    'metadata.uid': metadata?.uid,
    'spec.nodeName': spec?.nodeName,
    'spec.serviceAccountName': spec?.serviceAccountName,
    'status.podIP': options.podIp,
    'status.podIPs': options.podIp,
    'status.hostIP': options.hostIp,
    'status.hostIPs': options.hostIp,
  };
  if (!Object.hasOwn(fields, path)) throw new ConfigError(`unsupported fieldPath: ${path}`);
  return fields[path] ?? '';
}

/** Limits and requests are not enforced here, but a program may size itself by them. */
function resourceOf(resource: string, { container }: EnvironmentOptions): string {
  const [kind, name = ''] = resource.split('.');
  const value =
    kind === 'limits' ? container.resources?.limits?.[name] : container.resources?.requests?.[name];
  return `${value ?? 0}`;
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
