import type { Plugin } from 'rolldown';

/**
 * Fetches Node's own modules as values. An `import` of one reads all its exports, also those that
 * Node makes only when they are read: `node:http` alone loads undici for its WebSocket, a tenth of
 * the time a cluster takes to start.
 */
export function builtinsAsCalled(): Plugin {
  return {
    name: 'builtins-as-called',
    renderChunk(code) {
      return {
        code: code.replace(IMPORT, (_, names: string, module: string) => constants(names, module)),
        map: null,
      };
    },
  };
}

const IMPORT =
  /^import (\S[^;"]*) from "(?:node:)?((?:buffer|child_process|crypto|dgram|dns|events|fs|http|http2|https|module|net|os|path|perf_hooks|process|readline|stream|timers|tls|url|util|v8|vm|zlib)(?:\/[a-z]+)?)";$/gm;

/** `net, { connect as dial }` or `* as net`, as constants in the same line. */
function constants(names: string, module: string): string {
  // A chunk may have a `process` of its own: what it imports by that name.
  const value = `globalThis.process.getBuiltinModule("node:${module}")`;
  const [, whole, , braces] = /^(?:\* as )?([\w$]+)?(, )?(\{.*\})?$/.exec(names) ?? [];
  const said: string[] = [];
  if (whole !== undefined) said.push(`const ${whole} = ${value};`);
  if (braces !== undefined) said.push(`const ${braces.replaceAll(' as ', ': ')} = ${value};`);
  if (said.length === 0) throw new Error(`cannot read: import ${names} from "${module}"`);
  return said.join(' ');
}
