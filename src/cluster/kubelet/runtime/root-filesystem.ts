import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { coversOf, emptyFile, isHidden, makeCovers, storeOf, type Cover } from './covers.ts';
import type { PrivatePlaces } from './private-places.ts';
import type { Mount } from './runtime.ts';

/** Top-level directories that are not the host's in a container. */
const OWN_TOPS = new Set(['dev', 'proc', 'run', 'tmp']);

export interface RootFilesystem {
  /** Becomes `/` of the container. */
  readonly root: string;
  /** What to mount, in order, in the form mount(8) reads. */
  readonly fstab: string;
}

export interface RootFilesystemOptions {
  /** An empty directory for this one start of the container. */
  readonly directory: string;
  /** Prepared once for all containers: devices, pts. */
  readonly devices: string;
  readonly mounts: readonly Mount[];
  /** What of the host is hidden. */
  readonly places: PrivatePlaces;
  /** Host paths that must stay visible although something hides them. */
  readonly keepVisible: readonly string[];
  /** `readOnlyRootFilesystem`: only volumes can be written. */
  readonly readOnly: boolean;
}

/**
 * Lays out a container's root: a directory of its own, over which the host's top-level directories
 * are bound read-only, with homes, /tmp, /var/tmp and /run of its own on disk. What the container writes
 * outside those lands in its own directory or is refused; the host's files are never changed.
 */
export function layOutRoot(options: RootFilesystemOptions): RootFilesystem {
  const { directory, places } = options;
  const root = join(directory, 'rootfs');
  const lines: string[] = [];
  const bind = (source: string, target: string, how: string) =>
    lines.push(fstabLine(source, target, how));
  mkdirSync(join(root, '.old'), { recursive: true });
  bind(root, root, 'bind');
  const covers = coversOf({ root, directory, places, readOnly: options.readOnly });
  makeCovers(covers, places);
  const isOwnTop = (top: string) =>
    OWN_TOPS.has(top) || covers.some(({ inRoot, path }) => inRoot && path === `/${top}`);

  const layered = layeredTops(options.mounts, covers);
  for (const entry of readdirSync('/', { withFileTypes: true })) {
    const target = join(root, entry.name);
    if (entry.isSymbolicLink()) symlinkSync(readlinkSync(`/${entry.name}`), target);
    else if (entry.isDirectory()) {
      mkdirSync(target, { recursive: true });
      if (isOwnTop(entry.name)) continue;
      const extra = layered.get(entry.name);
      if (extra === undefined) bind(`/${entry.name}`, target, 'rbind,ro');
      else lines.push(overlay(entry.name, { root, extra, directory }));
    }
  }
  for (const path of mountsBelow('/', (top) => !isOwnTop(top) && !layered.has(top)))
    if (!isHidden(path, covers)) bind(join(root, path), join(root, path), 'remount,bind,ro');

  lines.push(`proc ${escape(join(root, 'proc'))} proc nosuid,nodev,noexec 0 0`);
  bind(options.devices, join(root, 'dev'), 'rbind,ro');
  lines.push(`tmpfs ${escape(join(root, 'dev/shm'))} tmpfs nosuid,nodev,mode=1777,size=64m 0 0`);
  for (const { path, store, inRoot, readOnly } of covers)
    if (!inRoot && existsSync(path))
      bind(store, join(root, path), `bind,nodev${readOnly ? ',ro' : ''}`);
  for (const path of places.files) bind(emptyFile(directory), join(root, path), 'bind,ro');

  const visible = options.keepVisible
    .filter((path) => isHidden(path, covers) && existsSync(path))
    .map((path): Mount => ({ source: path, target: path, readOnly: true }));
  for (const mount of [...visible, ...options.mounts].toSorted(byDepth)) {
    const target = resolveTarget(mount.target, covers);
    makeTarget({ mount, target, root, covers });
    bind(mount.source, join(root, target), mount.readOnly ? 'rbind,ro' : 'rbind');
  }
  if (options.readOnly) bind(root, root, 'remount,bind,ro');
  return { root, fstab: `${lines.join('\n')}\n` };
}

/**
 * Where a path in the container really lies, symbolic links of the host followed:
 * `/var/run/secrets` is `/run/secrets`. A mount on the unresolved path would follow the link out of
 * the new root, to the host's directory.
 */
function resolveTarget(path: string, covers: readonly Cover[]): string {
  if (isHidden(path, covers)) return path;
  for (let known = path, rest = ''; ; rest = join(basename(known), rest), known = dirname(known)) {
    if (existsSync(known)) return join(realpathSync(known), rest);
    if (known === '/') return path;
  }
}

/** Mount points that lie in a directory the host shows read-only and does not have, by top-level name. */
function layeredTops(mounts: readonly Mount[], covers: readonly Cover[]): Map<string, Mount[]> {
  const tops = new Map<string, Mount[]>();
  for (const mount of mounts) {
    const target = resolveTarget(mount.target, covers);
    const top = target.split(sep)[1] ?? '';
    const isTop = target === `/${top}`;
    if (isHidden(target, covers) || isTop || !existsSync(`/${top}`) || existsSync(target)) continue;
    tops.set(top, [...(tops.get(top) ?? []), { ...mount, target }]);
  }
  return tops;
}

/** A mount point cannot be made in a read-only bind, so a layer that has it is put over the host's directory. */
function overlay(
  top: string,
  options: { readonly root: string; readonly directory: string; readonly extra: readonly Mount[] },
): string {
  const layer = join(options.directory, `layer-${top}`);
  mkdirSync(layer, { recursive: true });
  for (const mount of options.extra)
    makePoint(mount.source, join(layer, relative(`/${top}`, mount.target)));
  return `overlay ${escape(join(options.root, top))} overlay ro,lowerdir=${escape(layer)}:/${escape(top)} 0 0`;
}

function makeTarget(place: {
  readonly mount: Mount;
  readonly target: string;
  readonly root: string;
  readonly covers: readonly Cover[];
}): void {
  const { mount, target, root, covers } = place;
  const path =
    storeOf(target, covers) ??
    (existsSync(`/${target.split(sep)[1] ?? ''}`) ? undefined : join(root, target));
  if (path !== undefined) makePoint(mount.source, path);
}

export function makePoint(source: string, target: string): void {
  const directory = statSync(source).isDirectory();
  mkdirSync(directory ? target : dirname(target), { recursive: true });
  if (!directory && !existsSync(target)) writeFileSync(target, '');
}

/** Mount points below `/` other than the top-level ones; a recursive bind leaves those writable. */
function mountsBelow(_root: '/', wanted: (top: string) => boolean): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => unescape(line.split(' ')[4] ?? '/'))
    .filter((path) => path.split(sep).length > 2 && wanted(path.split(sep)[1] ?? ''))
    .filter((path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined);
}

export function byDepth(a: Mount, b: Mount): number {
  return a.target.split(sep).length - b.target.split(sep).length;
}

export function fstabLine(source: string, target: string, how: string): string {
  return `${escape(source)} ${escape(target)} none ${how} 0 0`;
}

/** fstab(5): spaces and the like as octal. */
function escape(path: string): string {
  return path.replace(/[\s\\#]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`);
}

function unescape(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
