import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { byDepth, fstabLine, makePoint, type RootFilesystem } from './root-filesystem.ts';
import type { Mount } from './runtime.ts';

/** What every image has, distroless ones too. */
const USERS = `root:x:0:0:root:/root:/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin
nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin
`;

/** Lays out a root with nothing of the machine's in it but what is mounted: no shell, no tools. */
export function layOutBareRoot(options: {
  readonly directory: string;
  readonly devices: string;
  readonly mounts: readonly Mount[];
  readonly readOnly: boolean;
}): RootFilesystem {
  const { directory, devices, mounts, readOnly } = options;
  const root = join(directory, 'rootfs');
  for (const name of ['.old', 'dev', 'etc', 'home/nonroot', 'proc', 'run', 'sys', 'tmp', 'var'])
    mkdirSync(join(root, name), { recursive: true });
  chmodSync(root, 0o755);
  chmodSync(join(root, 'tmp'), 0o1777);
  writeFileSync(join(root, 'etc/passwd'), USERS, { mode: 0o644 });
  const lines = [
    fstabLine(root, root, 'bind'),
    `proc ${join(root, 'proc')} proc nosuid,nodev,noexec 0 0`,
    fstabLine('/sys', join(root, 'sys'), 'rbind,ro'),
    fstabLine(devices, join(root, 'dev'), 'rbind,ro'),
    `tmpfs ${join(root, 'dev/shm')} tmpfs nosuid,nodev,mode=1777,size=64m 0 0`,
  ];
  for (const { source, target, readOnly: isFixed } of mounts.toSorted(byDepth)) {
    if (!target.startsWith('/dev/')) makePoint(source, join(root, target));
    lines.push(fstabLine(source, join(root, target), isFixed ? 'rbind,ro' : 'rbind'));
  }
  if (readOnly) lines.push(fstabLine(root, root, 'remount,bind,ro'));
  return { root, fstab: `${lines.join('\n')}\n` };
}
