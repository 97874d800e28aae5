/** What a Node process was started with. */
export interface NodeFlags {
  /** Its arguments and the words of NODE_OPTIONS. */
  readonly words: readonly string[];
  /** Its current directory. */
  readonly directory: string;
}

/** The signal of `--heapsnapshot-signal=SIGUSR2`. */
export function signalFlag({ words }: NodeFlags): string | undefined {
  return valueOf(words, '--heapsnapshot-signal');
}

/** The port on which this process opens its inspector: 9229 unless it was told otherwise. */
export function readInspectorPort({ words }: NodeFlags): number {
  for (const name of [
    '--inspect',
    '--inspect-brk',
    '--inspect-wait',
    '--inspect-port',
    '--debug-port',
  ]) {
    const port = Number(valueOf(words, name)?.split(':').at(-1));
    if (Number.isInteger(port) && port > 0) return port;
  }
  return 9229;
}

function valueOf(words: readonly string[], name: string): string | undefined {
  const at = words.findIndex((word) => word === name || word.startsWith(`${name}=`));
  const word = words[at];
  if (word === undefined) return undefined;
  if (word !== name) return word.slice(name.length + 1);
  return name === '--inspect' ? undefined : words[at + 1];
}
