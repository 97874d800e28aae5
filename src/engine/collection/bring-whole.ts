import { rm } from 'node:fs/promises';
import { publish } from './destination.ts';
import {
  defaultRangeBytes,
  homePath,
  packingOf,
  type FileDestination,
  type Home,
  type HomeOptions,
} from './home.ts';
import { openPart } from './open-part.ts';
import { PartLock } from './part-lock.ts';
import type { Sink } from './receiver.ts';
import { streamSink } from './stream-sink.ts';

type Received = Omit<Home, 'path' | 'storedBytes'>;

/** Brings home what comes whole or not at all: nothing is left that could not be taken up. */
export async function bringWhole(
  options: HomeOptions,
  destination: FileDestination,
  receive: (options: HomeOptions, sink: Sink) => Promise<Received>,
): Promise<Home> {
  const path = homePath(options, destination);
  const part = `${path}.part`;
  await using _lock = await PartLock.take(part);
  await using sink = await openPart(part, {
    packing: packingOf(options),
    rangeBytes: options.rangeBytes ?? defaultRangeBytes,
    flushes: options.isOnlyCopy ?? false,
  });
  try {
    const home = await receive(options, sink);
    const storedBytes = await sink.finish();
    return { ...home, path: await publish(part, path, destination), storedBytes };
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** The same to stdout, where nothing can be taken back. */
export async function bringWholeToStdout(
  options: HomeOptions,
  receive: (options: HomeOptions, sink: Sink) => Promise<Received>,
): Promise<Home> {
  const home = await receive(
    options,
    streamSink(options.stdout ?? process.stdout, async () => {}),
  );
  return { ...home, path: '-', storedBytes: home.sizeBytes };
}
