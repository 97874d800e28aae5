import type { ArtifactFormat, RemoteArtifact } from './diagnostic.ts';

const formats: Readonly<Record<string, ArtifactFormat>> = {
  '.hprof': 'hprof',
  '.heapsnapshot': 'heapsnapshot',
  '.cpuprofile': 'cpuprofile',
  '.heapprofile': 'heapprofile',
  '.jfr': 'jfr',
  '.pprof': 'pprof',
  '.gcdump': 'gcdump',
  '.txt': 'text',
  '.log': 'text',
};

/** What a file is by its name; its content is looked at when it is home. */
export function kindOf(path: string): Pick<RemoteArtifact, 'format' | 'extension'> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const extension = /(?<=.)\.[^.]+$/.exec(name)?.[0] ?? '';
  return { format: formats[extension] ?? 'file', extension };
}
