import { createPlan, diagnostics as catalogue } from '../../engine/index.ts';
import type { Kube } from '../../kube/index.ts';
import { connectWith } from '../connection.ts';
import { exitCodes, type ExitCode } from '../exit-code.ts';
import type { CommonFlags } from '../flags.ts';
import type { Io } from '../io.ts';
import { printDocument } from '../render/document.ts';
import { renderTable } from '../render/table.ts';

interface DiagnosticsFlags extends CommonFlags {
  readonly container?: string;
  readonly headers?: boolean;
}

interface Entry {
  readonly name: string;
  readonly summary: string;
  /** Only with a target. */
  readonly works?: boolean;
  /** By which tool on which process, or why not. */
  readonly detail?: string;
}

/** The catalogue, and with a target what works there. */
export async function diagnostics(
  io: Io,
  target: string | undefined,
  flags: DiagnosticsFlags,
): Promise<ExitCode> {
  if (target === undefined) {
    await print(
      io,
      flags,
      catalogue.map(({ name, summary }) => ({ name, summary })),
      undefined,
    );
    return exitCodes.done;
  }
  await using kube = await connectWith(flags);
  const { namespace } = kube;
  const plan = await createPlan(kube, { target, namespace, container: flags.container }, io.signal);
  const { pod, container } = plan.spec;
  const entries = await detectAll(kube, { namespace, pod, container }, io.signal);
  await print(io, flags, entries, `${namespace}/${pod} (${container})`);
  return exitCodes.done;
}

async function detectAll(
  kube: Kube,
  place: { readonly namespace: string; readonly pod: string; readonly container: string },
  signal: AbortSignal,
): Promise<readonly Entry[]> {
  const named = catalogue.filter(({ name }) => name !== 'command');
  const detections = await Promise.all(
    named.map((diagnostic) =>
      diagnostic.detect({
        target: { kube, ...place },
        signal,
        timeoutMs: 30_000,
        onProgress: () => {},
      }),
    ),
  );
  const entries = named.map(({ name, summary }, index): Entry => {
    const detection = detections[index];
    if (!detection) return { name, summary };
    const detail = detection.works ? detection.detail : detection.reason;
    return { name, summary, works: detection.works, detail };
  });
  return entries;
}

async function print(
  io: Io,
  flags: DiagnosticsFlags,
  entries: readonly Entry[],
  place: string | undefined,
): Promise<void> {
  switch (flags.output) {
    case 'json':
    case 'yaml':
      return await printDocument(io, flags.output, {
        apiVersion: 'pitstop.dev/v1alpha1',
        kind: 'DiagnosticList',
        items: entries,
      });
    case 'name':
      for (const { name, works } of entries) if (works !== false) io.stdout.write(`${name}\n`);
      return;
    case 'wide':
    case undefined:
      if (place === undefined) {
        const rows = entries.map(({ name, summary }) => [name, summary]);
        io.stdout.write(renderTable(['NAME', 'WHAT IT DOES'], rows, flags));
        return;
      }
      io.stderr.write(`In pod ${place}:\n`);
      io.stdout.write(
        renderTable(
          ['NAME', 'WORKS', 'DETAIL'],
          entries.map(({ name, works, detail = '' }) => [name, works ? 'yes' : 'no', detail]),
          flags,
        ),
      );
  }
}
