import { createReadStream, existsSync, statSync } from 'node:fs';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import type { LogOptions } from '../../api.ts';
import type { LogFile } from './log-file.ts';

interface Entry {
  readonly time: string;
  readonly stream: string;
  readonly partial: boolean;
  readonly text: string;
}

/** The lines of a log as `kubectl logs` shows them; with `follow`, until the container has ended. */
export function readLog(log: LogFile, options: LogOptions): Readable {
  const left = new AbortController();
  const text = limit(lines(log, { options, left: left.signal }), options.limitBytes);
  const stream = Readable.from(text, { objectMode: false });
  const destroy = stream._destroy.bind(stream);
  // A reader may leave while the container says nothing: then nobody waits for what it says next.
  stream._destroy = (error, done) => {
    left.abort();
    destroy(error, done);
  };
  return stream;
}

async function* lines(
  log: LogFile,
  { options, left }: { readonly options: LogOptions; readonly left: AbortSignal },
): AsyncGenerator<string> {
  const since = sinceOf(options);
  const isWanted = (entry: Entry) =>
    entry.time >= since && (options.stream === undefined || entry.stream === options.stream);
  const show = (entry: Entry) =>
    `${options.timestamps ? `${entry.time} ` : ''}${entry.text}${entry.partial ? '' : '\n'}`;
  const reader = { offset: 0, rest: '' };

  const written: Entry[] = [];
  if (existsSync(`${log.path}.1`))
    for await (const entry of entries(`${log.path}.1`, { offset: 0, rest: '' }))
      if (isWanted(entry)) keep(written, { entry, options });
  for await (const entry of entries(log.path, reader))
    if (isWanted(entry)) keep(written, { entry, options });
  yield* written.map(show);
  if (!options.follow) return;

  // The file under the reader may be renamed while it reads: it is read to its end first.
  let rotated = false;
  const onRotated = () => (rotated = true);
  log.changes.on('rotated', onRotated);
  try {
    for (let isLast = false; !isLast && !left.aborted;) {
      isLast = log.ended;
      const abort = new AbortController();
      const changed = nextChange(log, AbortSignal.any([abort.signal, left]));
      if (rotated) {
        rotated = false;
        for await (const entry of entries(`${log.path}.1`, reader))
          if (isWanted(entry)) yield show(entry);
        Object.assign(reader, { offset: 0, rest: '' });
      }
      for await (const entry of entries(log.path, reader)) if (isWanted(entry)) yield show(entry);
      if (!isLast && !log.ended) await changed;
      abort.abort();
    }
  } finally {
    log.changes.off('rotated', onRotated);
  }
}

/** Comparable with the times in the log, which have nine digits where this has three. */
function sinceOf({ sinceTime, sinceSeconds }: LogOptions): string {
  if (sinceTime === undefined && sinceSeconds === undefined) return '';
  const ms =
    sinceTime === undefined ? Date.now() - (sinceSeconds ?? 0) * 1000 : Date.parse(sinceTime);
  return new Date(ms).toISOString().slice(0, -1);
}

function nextChange(log: LogFile, signal: AbortSignal): Promise<unknown> {
  const events = ['line', 'end'].map((name) => once(log.changes, name, { signal }));
  return Promise.race(events.map((event) => event.catch(() => {})));
}

/** With `tailLines` only the last ones stay in memory. */
function keep(
  written: Entry[],
  { entry, options }: { readonly entry: Entry; readonly options: LogOptions },
): void {
  if (options.tailLines === 0) return;
  written.push(entry);
  if (options.tailLines !== undefined && written.length > options.tailLines) written.shift();
}

async function* entries(
  path: string,
  from: { offset: number; rest: string },
): AsyncGenerator<Entry> {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= from.offset) return;
  const file = createReadStream(path, { start: from.offset, end: size - 1, encoding: 'latin1' });
  for await (const chunk of file as AsyncIterable<string>) {
    from.offset += chunk.length;
    const parts = (from.rest + chunk).split('\n');
    from.rest = parts.pop() ?? '';
    for (const line of parts) yield parse(line);
  }
}

function parse(line: string): Entry {
  const [time = '', stream = '', tag] = line.split(' ', 3);
  const start = line.indexOf(' ', line.indexOf(' ', time.length + 1) + 1) + 1;
  return {
    time,
    stream,
    partial: tag === 'P',
    text: Buffer.from(line.slice(start), 'latin1').toString(),
  };
}

async function* limit(
  source: AsyncIterable<string>,
  limitBytes: number | undefined,
): AsyncGenerator<Buffer> {
  let left = limitBytes ?? Number.POSITIVE_INFINITY;
  for await (const text of source) {
    const bytes = Buffer.from(text);
    yield bytes.subarray(0, left);
    left -= bytes.length;
    if (left <= 0) return;
  }
}
