import { Writable } from 'node:stream';

/** A stream that hands whole lines to `take`, one after the other. */
export function lineWriter(take: (line: string) => Promise<void>): Writable {
  let rest = '';
  return settled(
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        const lines = (rest + chunk.toString('utf8')).split('\n');
        rest = lines.pop() ?? '';
        void settle(takeAll(lines, take), done);
      },
    }),
  );
}

async function takeAll(
  lines: readonly string[],
  take: (line: string) => Promise<void>,
): Promise<void> {
  for (const line of lines) await take(line);
}

async function settle(work: Promise<void>, done: (error?: Error) => void): Promise<void> {
  try {
    await work;
  } catch (error) {
    done(error as Error);
    return;
  }
  done();
}

/** Its errors come back through exec. */
function settled(stream: Writable): Writable {
  return stream.on('error', () => {});
}
