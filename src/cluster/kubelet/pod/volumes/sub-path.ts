import type { VolumeMount } from 'kubernetes-types/core/v1.js';
import { chmodSync, existsSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, sep } from 'node:path';
import { ConfigError } from '../config-error.ts';

/**
 * The part of a volume that a mount wants: `subPath` as it is, `subPathExpr` with the container's
 * variables in it. What is missing becomes a directory; a link that leads out is refused.
 */
export function subPathOf(
  mount: VolumeMount,
  {
    root,
    container,
    env,
  }: {
    readonly root: string;
    readonly container: string;
    readonly env: Readonly<Record<string, string>>;
  },
): string {
  const subPath = mount.subPathExpr ? expandAll(mount.subPathExpr, env) : (mount.subPath ?? '');
  if (subPath === '') return root;
  if (isAbsolute(subPath))
    throw new ConfigError(`error SubPath \`${subPath}\` must not be an absolute path`);
  if (subPath.split(sep).includes('..'))
    throw new ConfigError(`unable to provision SubPath \`${subPath}\`: must not contain '..'`);
  const refused = (cause: unknown) =>
    new ConfigError(
      `failed to prepare subPath for volumeMount "${mount.name}" of container "${container}"`,
      { cause },
    );
  try {
    return inside(root, join(root, subPath));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw refused(error);
  }
  try {
    makeLike(root, subPath);
    return inside(root, join(root, subPath));
  } catch (cause) {
    throw refused(cause);
  }
}

/** New directories are as open as their volume. */
function makeLike(root: string, subPath: string): void {
  const { mode } = statSync(root);
  let path = root;
  for (const part of subPath.split(sep)) {
    path = join(path, part);
    if (existsSync(path)) continue;
    mkdirSync(path);
    chmodSync(path, mode);
  }
}

function inside(root: string, path: string): string {
  const [real, realRoot] = [realpathSync(path), realpathSync(root)];
  if (real !== realRoot && !real.startsWith(realRoot + sep))
    throw new Error(`${path} leads out of its volume`);
  return real;
}

function expandAll(expression: string, env: Readonly<Record<string, string>>): string {
  return expression.replace(/\$\$|\$\(([^)]*)\)/g, (whole, name: string | undefined) => {
    if (whole === '$$' || name === undefined) return '$';
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    if (value === undefined) throw new ConfigError(`missing value for "${name}"`);
    return value;
  });
}
