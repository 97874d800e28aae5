import { styleText } from 'node:util';
import type { Artifact, Session, StepName } from '../../engine/index.ts';
import { formatElapsed } from '../duration.ts';
import type { Output } from '../io.ts';
import { formatSize, plural } from '../../engine/index.ts';
import { barLines } from './bars.ts';
import { wrap } from './wrap.ts';

/**
 * What a person wants to know when a session is over: what was done, where the artifact is, and
 * whether the Pod is back. `restoreCommand` is shown when it is not, if there still is a cluster to restore it in.
 */
export function renderSummary(
  session: Session,
  {
    stream,
    restoreCommand,
  }: { readonly stream: Output; readonly restoreCommand: string | undefined },
): string {
  const { spec, status } = session;
  const pod = `pod ${session.metadata.namespace}/${spec.pod}`;
  const facts = [
    ...isolationFacts(session),
    ...diagnosticFacts(session),
    ...artifactFacts(session, stream),
    ...restorationFacts(session),
    ...status.warnings.map((warning): Fact => ['Warning', warning]),
  ];
  const next =
    status.podOut && restoreCommand !== undefined
      ? `\nPut it back with:\n  ${restoreCommand}\n`
      : '';
  const heading = wrap(headline(session, pod), stream).join('\n');
  return `${styleText('bold', heading, { stream })}\n${renderFacts(facts, stream)}${next}`;
}

/** A name and what is to be said about it; an empty name continues the one above. */
export type Fact = readonly [name: string, text: string];

export function renderFacts(facts: readonly Fact[], stream: Output): string {
  const width = Math.max(0, ...facts.map(([name]) => name.length));
  return facts
    .flatMap(([name, text]) =>
      wrap(text, stream, width + 4).map((line, at) => [at === 0 ? name : '', line] as const),
    )
    .map(([name, line]) => `  ${name.padEnd(width)}  ${line}\n`)
    .join('');
}

function headline({ status, spec }: Session, pod: string): string {
  const out = status.podOut;
  switch (status.phase) {
    case 'Succeeded':
      if (status.restoration?.podDeleted)
        return `${pod} was worked on, and is deleted, as was asked for.`;
      if (isCollectOnly(status)) return `Brought home from ${pod}, which stayed in service.`;
      return spec.diagnostic === 'none' || isRestoreOnly(status)
        ? `${pod} is back in service.`
        : `Pit stop of ${pod} done${took(status.steps)}: it is back in service.`;
    case 'Isolated':
      return `${pod} is out of traffic, and stays out.`;
    case 'Interrupted':
      return out
        ? `Interrupted, and ${pod} is STILL OUT.`
        : `Interrupted: ${whereabouts(status, pod)}.`;
    case 'Planned':
    case 'Isolating':
    case 'Draining':
    case 'Diagnosing':
    case 'Collecting':
    case 'Restoring':
    case 'Failed':
      return out ? `Failed, and ${pod} is STILL OUT.` : `Failed: ${whereabouts(status, pod)}.`;
  }
}

/** What is known of a Pod that no session holds out any more. */
function whereabouts({ error, steps }: Session['status'], pod: string): string {
  if (error?.code === 'pod-gone') return `${pod} exists no more`;
  return steps.find(({ name }) => name === 'restore')?.state === 'failed'
    ? `${pod} has its labels back, but is not proven to be in service`
    : `${pod} is in service, as before`;
}

function isCollectOnly({ steps }: Session['status']): boolean {
  return steps.every(({ name, state }) =>
    name === 'collect' ? state === 'done' : state === 'skipped',
  );
}

/** What another process began, and this one has brought to its end. */
function isRestoreOnly({ steps }: Session['status']): boolean {
  return steps.every(({ name, state }) =>
    name === 'restore' ? state === 'done' : state === 'skipped',
  );
}

function took(steps: Session['status']['steps']): string {
  const starts = steps.flatMap(({ startedAt }) => (startedAt ? [Date.parse(startedAt)] : []));
  const ends = steps.flatMap(({ finishedAt }) => (finishedAt ? [Date.parse(finishedAt)] : []));
  if (starts.length === 0 || ends.length === 0) return '';
  return ` in ${formatElapsed(Math.max(...ends) - Math.min(...starts))}`;
}

function isolationFacts({ spec, status }: Session): Fact[] {
  const { isolation } = status;
  // A restore from another process knows only that the Pod was out, not how that was proven.
  if (!isolation?.provenAt) return [];
  const { services, slices, connections } = isolation;
  const where = services.length > 0 ? services.join(', ') : 'no Service';
  const facts: Fact[] = [
    ['Out of', `${where} (${plural(slices.length, 'EndpointSlice')}, route ${status.route.name})`],
  ];
  if (connections) {
    const { atStart, atProof, severed, newSince } = connections;
    facts.push([
      '',
      `${plural(atStart, 'connection')} before, ${severed ? `${severed} closed by us, ` : ''}${atProof} at the proof, ${newSince} new while out`,
    ]);
  }
  if (status.phase === 'Isolated' && spec.deadline !== undefined) {
    const from = spec.deadline.replace(/\.\d+Z$/, 'Z');
    facts.push([
      'Expires',
      `${from}: then restore --expired puts it back too; by itself nothing does`,
    ]);
  }
  return facts;
}

function diagnosticFacts({ status }: Session): Fact[] {
  const { diagnostic } = status;
  if (!diagnostic) return [];
  const { name, tool, pid, exitCode, durationMs } = diagnostic;
  const where = pid === undefined ? '' : `, process ${pid}`;
  const failed = exitCode === undefined || exitCode === 0 ? '' : `, exit code ${exitCode}`;
  return [['Diagnostic', `${name} with ${tool}${where}: ${formatElapsed(durationMs)}${failed}`]];
}

/** The widest name of a fact (`Diagnostic`) and what stands around it. */
const factIndent = 14;

function artifactFacts({ status }: Session, stream: Output): Fact[] {
  const { artifact } = status;
  if (!artifact) return [];
  const { path, sizeBytes, sha256, durationMs, verified, summary, format, tables = [] } = artifact;
  // Of a file of any kind it is told what it looks like, without a promise.
  const isChecked = summary.length > 0 && format !== 'file' && format !== 'text';
  const agreed = verified ? 'sha256, agreed on both ends' : 'sha256, NOT verified';
  // Of a small file it is the way there and back that takes the time.
  const rate =
    durationMs > 0 && sizeBytes >= 1024 * 1024
      ? `, ${formatSize(Math.round((sizeBytes / durationMs) * 1000))}/s`
      : '';
  return [
    ['Artifact', path === '-' ? 'written to stdout' : path],
    ['', `${formatSize(sizeBytes)} ${format}, brought home in ${formatElapsed(durationMs)}${rate}`],
    ...travelFacts(artifact),
    ['', `${isChecked ? 'content well-formed; ' : ''}${agreed}:`],
    ['', sha256],
    ...summary.map((line): Fact => ['', line]),
    ...tables
      .slice(0, 1)
      .flatMap((table) => barLines(table, { stream, indent: factIndent }))
      .map((line): Fact => ['', line]),
    ...(artifact.remoteRemoved
      ? []
      : [['', `left in the container: ${artifact.remotePath}`] as const]),
  ];
}

/** What the way home and the file at home have made of it. */
function travelFacts({ compression, wireBytes, stored, storedBytes }: Artifact): Fact[] {
  const facts: Fact[] = [];
  if (compression !== 'none' && wireBytes !== undefined) {
    facts.push(['', `${formatSize(wireBytes)} over the wire (${compression})`]);
  }
  if (stored !== undefined && stored !== 'dumped' && storedBytes !== undefined) {
    facts.push(['', `kept as ${stored}, ${formatSize(storedBytes)}; its content has this sha256`]);
  }
  return facts;
}

function restorationFacts({ status }: Session): Fact[] {
  const { restoration } = status;
  if (!restoration?.provenAt) return [];
  if (restoration.podDeleted) {
    const { replacementKept } = restoration;
    return replacementKept ? [['In its place', `pod ${replacementKept} serves`]] : [];
  }
  const traffic = restoration.trafficSeen ? ', and new connections arrive' : '';
  const facts: Fact[] = [
    [
      'Back in',
      `${plural(restoration.slices.length, 'EndpointSlice')}${traffic}${stepTime(status.steps, 'restore')}`,
    ],
  ];
  if (restoration.replacementRemoved) {
    facts.push(['', `the replacement ${restoration.replacementRemoved} is gone again`]);
  }
  return facts;
}

function stepTime(steps: Session['status']['steps'], name: StepName): string {
  const { startedAt, finishedAt } = steps.find((step) => step.name === name) ?? {};
  if (!startedAt || !finishedAt) return '';
  return ` (${formatElapsed(Date.parse(finishedAt) - Date.parse(startedAt))})`;
}
