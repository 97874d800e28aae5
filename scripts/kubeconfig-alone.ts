import type { Plugin } from 'rolldown';

/**
 * Of the official client we use KubeConfig and its credentials, for requests of node:https. What that
 * class imports for calls that we never make (its own HTTP client, and a class for every kind there is)
 * is three quarters of a bundle that every command loads: these calls refuse instead.
 */
export function kubeconfigAlone(): Plugin {
  return {
    name: 'kubeconfig-alone',
    resolveId(source, importer = '') {
      const [, file] = /@kubernetes\/client-node\/dist\/(\w+)\.js$/.exec(importer) ?? [];
      const isLeftOut = file !== undefined && leftOut[file]?.[source] !== undefined;
      return isLeftOut ? { id: `${PREFIX}${file}:${source}`, moduleSideEffects: false } : null;
    },
    load(id) {
      if (!id.startsWith(PREFIX)) return null;
      const [file = '', ...source] = id.slice(PREFIX.length).split(':');
      return leftOut[file]?.[source.join(':')] ?? null;
    },
  };
}

const PREFIX = '\0left-out:';
const refuse = `throw new Error('this call of the Kubernetes client is not in the bundle');`;

/** By importer and what it imports: what it gets instead. */
const leftOut: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  config: {
    undici: `
      export class Agent { constructor() { ${refuse} } }
      export class ProxyAgent { constructor() { ${refuse} } }`,
    './gen/index.js': `
      export class ServerConfiguration { constructor() { ${refuse} } }
      export function createConfiguration() { ${refuse} }`,
  },
  // A kubeconfig is none of the kinds that have a class: it comes as it was written.
  yaml: {
    './util.js': 'export function getSerializationType() {}',
    './serializer.js': 'export const ObjectSerializer = { deserialize: (object) => object };',
  },
};
