import { diagnostics as catalogue, surveyDiagnostics, type Survey } from '../../engine/index.ts';
import { connectWith } from '../connection.ts';
import { withCustomDiagnostics } from '../custom-diagnostics.ts';
import { exitCodes, type ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { renderCatalogue, renderSurvey } from '../render/diagnostics.ts';
import { printDocument } from '../render/document.ts';
import { remoteDirectoryOf, type SessionFlags } from '../session-request.ts';

interface DiagnosticsFlags extends SessionFlags {
  readonly headers?: boolean;
}

/** The catalogue; with a target, what works in which container, and what it may need. */
export async function diagnostics(
  io: Io,
  target: string | undefined,
  given: DiagnosticsFlags,
): Promise<ExitCode> {
  const flags = await withCustomDiagnostics(io, given);
  if (target === undefined) {
    await printCatalogue(io, flags);
    return exitCodes.done;
  }
  await using kube = await connectWith(flags);
  const { container, customDiagnostics } = flags;
  const survey = await surveyDiagnostics(
    kube,
    {
      target,
      namespace: kube.namespace,
      container,
      customDiagnostics,
      remoteDirectory: remoteDirectoryOf(flags),
    },
    io.signal,
  );
  await printSurvey(io, flags, survey);
  return survey.items.some(({ works }) => works) ? exitCodes.done : exitCodes.failed;
}

async function printCatalogue(io: Io, flags: DiagnosticsFlags): Promise<void> {
  const own = (flags.customDiagnostics ?? []).map(({ name, summary, options, source }) => ({
    name,
    summary,
    ...(options && { options: 'words that follow its command' }),
    source,
  }));
  const built = catalogue.map(({ name, summary, options }) => ({
    name,
    summary,
    ...(options !== undefined && { options }),
  }));
  const entries = [...built, ...own];
  switch (flags.output) {
    case 'json':
    case 'yaml':
      return await printDocument(io, flags.output, document(entries));
    case 'name':
      for (const { name } of entries) io.stdout.write(`${name}\n`);
      return;
    case 'wide':
    case undefined:
      io.stdout.write(renderCatalogue(entries, { wide: flags.output === 'wide', ...flags }));
  }
}

async function printSurvey(io: Io, flags: DiagnosticsFlags, survey: Survey): Promise<void> {
  const { pod, namespace, containers, items } = survey;
  switch (flags.output) {
    case 'json':
    case 'yaml':
      return await printDocument(io, flags.output, document(items, { name: pod, namespace }));
    case 'name': {
      const working = items.filter(({ works }) => works).map(({ name }) => name);
      for (const name of new Set(working)) io.stdout.write(`${name}\n`);
      return;
    }
    case 'wide':
    case undefined:
      io.stderr.write(`In pod ${namespace}/${pod} (${containers.join(', ')}):\n`);
      io.stdout.write(renderSurvey(survey, { wide: flags.output === 'wide', ...flags }));
  }
}

function document(items: readonly unknown[], metadata?: object): object {
  return {
    apiVersion: 'pitstop.dev/v1alpha1',
    kind: 'DiagnosticList',
    ...(metadata && { metadata }),
    items,
  };
}
