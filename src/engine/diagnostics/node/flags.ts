/** What a Node process was started with. */
export interface NodeFlags {
  /** Its arguments and the words of NODE_OPTIONS. */
  readonly words: readonly string[];
  /** Its current directory. */
  readonly directory: string;
}

export interface InspectorAddress {
  readonly host: string;
  readonly port: number;
}

/** The signal of `--heapsnapshot-signal=SIGUSR2`. */
export function signalFlag({ words }: NodeFlags): string | undefined {
  return valueOf(words, '--heapsnapshot-signal');
}

/** Where Node puts the file of `--heapsnapshot-signal`: --diagnostic-dir, else its current directory. */
export function snapshotFolders({ words, directory }: NodeFlags): readonly string[] {
  const folder = valueOf(words, '--diagnostic-dir');
  return folder ? [folder.startsWith('/') ? folder : `${directory}/${folder}`] : [directory];
}

/** Where this process opens its inspector: 127.0.0.1:9229 unless it was told otherwise. */
export function readInspectorAddress({ words }: NodeFlags): InspectorAddress {
  let { host, port } = { host: '127.0.0.1', port: 9229 };
  for (const name of [
    '--debug-port',
    '--inspect-port',
    '--inspect-wait',
    '--inspect-brk',
    '--inspect',
  ]) {
    const [, address, digits] = /^(?:(.*):)?(\d+)$/.exec(valueOf(words, name) ?? '') ?? [];
    if (Number(digits) > 0) port = Number(digits);
    if (address) host = address.replace(/^\[|\]$/g, '');
  }
  const isAny = ['0.0.0.0', '::', 'localhost'].includes(host);
  return { host: isAny ? '127.0.0.1' : host, port };
}

const withOptionalValue = ['--inspect', '--inspect-brk', '--inspect-wait'];

function valueOf(words: readonly string[], name: string): string | undefined {
  const at = words.findIndex((word) => word === name || word.startsWith(`${name}=`));
  const word = words[at];
  if (word === undefined) return undefined;
  if (word !== name) return word.slice(name.length + 1);
  return withOptionalValue.includes(name) ? undefined : words[at + 1];
}
