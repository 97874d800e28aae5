import { addAbortSignal } from 'node:stream';
import { inspectFile, inspectStream, PitstopError, type Inspection } from '../../engine/index.ts';
import { exitCodes, type ExitCode } from '../exit-code.ts';
import type { CommonFlags } from '../flags.ts';
import type { Io } from '../io.ts';
import { printDocument } from '../render/document.ts';
import { printProblem } from '../render/error.ts';
import { renderInspection } from '../render/inspection.ts';
import { openReading } from '../render/reading.ts';

interface InspectFlags extends CommonFlags {
  readonly top: number;
}

/** Looks into local files one after the other; no cluster is asked, no kubeconfig read. */
export async function inspect(
  io: Io,
  files: readonly string[],
  flags: InspectFlags,
): Promise<ExitCode> {
  const inspections: Inspection[] = [];
  let unreadable = 0;
  for (const path of files) {
    try {
      const inspection = await look(io, path, flags);
      if (isForPeople(flags)) {
        if (inspections.length > 0) io.stdout.write('\n');
        io.stdout.write(renderInspection(inspection, io.stdout));
      }
      inspections.push(inspection);
    } catch (error) {
      // Of several files the others are still worth a look.
      const isOneOfMany = files.length > 1 && error instanceof PitstopError;
      if (!isOneOfMany || io.signal.aborted) throw error;
      printProblem(io, error);
      unreadable += 1;
    }
  }
  await print(io, flags, inspections, files.length > 1);
  if (inspections.some(({ state }) => state === 'truncated' || state === 'corrupt')) {
    return exitCodes.failed;
  }
  return unreadable > 0 ? exitCodes.refused : exitCodes.done;
}

async function look(io: Io, path: string, flags: InspectFlags): Promise<Inspection> {
  using reading = openReading(io, { mode: flags.progress, path });
  const options = { top: flags.top, signal: io.signal, onProgress: reading.onProgress };
  if (path !== '-') return await inspectFile(path, options);
  // Whoever waits for a pipe that says nothing is let go by Ctrl-C too.
  const stdin = addAbortSignal(io.signal, io.stdin) as AsyncIterable<Buffer>;
  return await inspectStream(path, stdin, options);
}

function isForPeople({ output }: InspectFlags): boolean {
  return output === undefined || output === 'wide';
}

async function print(
  io: Io,
  { output }: InspectFlags,
  inspections: readonly Inspection[],
  isList: boolean,
): Promise<void> {
  switch (output) {
    case 'json':
    case 'yaml': {
      const apiVersion = 'pitstop.dev/v1alpha1';
      const items = inspections.map((each) => ({ apiVersion, kind: 'Inspection', ...each }));
      const list = { apiVersion, kind: 'InspectionList', items };
      return await printDocument(io, output, isList ? list : items[0]);
    }
    case 'name':
      for (const { format } of inspections) io.stdout.write(`${format}\n`);
      return;
    case 'wide':
    case undefined:
  }
}
