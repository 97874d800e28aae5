import { styleText } from 'node:util';
import {
  describeCost,
  plural,
  type DoctorReport,
  type Finding,
  type RepairResult,
} from '../../engine/index.ts';
import type { Output } from '../io.ts';
import { wrap } from './wrap.ts';
import { writeAsCommand } from './write-as-command.ts';

export interface DoctorStyle {
  readonly stream: Output;
  /** Also the writes of each repair. */
  readonly wide: boolean;
}

/** What was looked at, what is wrong and what that costs, what was done, what can be done. */
export function renderDoctor(report: DoctorReport, style: DoctorStyle): string {
  const { findings, repairs = [] } = report.status;
  return [
    lookedAt(report),
    ...findings.map((finding) => renderFinding(finding, style)),
    ...(repairs.length > 0 ? [renderResults(repairs, style.stream)] : []),
    verdict(report),
  ].join('\n');
}

function lookedAt({ metadata, status }: DoctorReport): string {
  const { environment, looked } = status;
  const out =
    looked.out === 0
      ? ''
      : ` (${looked.out} out by ${looked.out === 1 ? 'a session' : 'sessions'})`;
  const where =
    metadata.namespace === undefined
      ? looked.namespaces === 0
        ? 'any namespace'
        : plural(looked.namespaces, 'namespace')
      : `namespace ${metadata.namespace}`;
  const clock =
    environment.clockSkewMs === undefined
      ? ''
      : `, clocks ${environment.clockSkewMs === 0 ? 'agree' : `differ by ${(environment.clockSkewMs / 1000).toFixed(1)} s`}`;
  const what =
    looked.namespaces === 0
      ? `Could not look into ${where}.`
      : looked.services + looked.pods === 0
        ? `There is no Service and no Pod in ${where}.`
        : `Looked at ${plural(looked.services, 'Service')} and ${plural(looked.pods, 'Pod')}${out} in ${where}.`;
  const { context, serverVersion, user } = environment;
  return `${what}\nContext ${context} (Kubernetes ${serverVersion}${clock}), user ${user}.\n`;
}

const colours = { error: 'red', warning: 'yellow', note: 'blue' } as const;

function renderFinding(finding: Finding, { stream, wide }: DoctorStyle): string {
  const { severity, name, namespace, object, message, details = [], cost, repair, hint } = finding;
  const where = namespace === undefined ? object : `${object} -n ${namespace}`;
  const heading = `${styleText(colours[severity], severity, { stream })} ${name}: ${where}`;
  const now = cost ? describeCost(cost) : [];
  const blocks: readonly (readonly [mark: string, text: string])[] = [
    ['', message],
    ...details.map((detail) => ['- ', detail] as const),
    ...now.map((line) => ['Now: ', line] as const),
    ...(repair ? [['--fix: ', repair.description] as const] : []),
    ...(repair && wide ? repair.writes.map((write) => ['$ ', writeAsCommand(write)] as const) : []),
    ...(hint === undefined ? [] : [['Hint: ', hint] as const]),
  ];
  return `${styleText('bold', heading, { stream })}\n${blocks.map((block) => indented(block, stream)).join('')}`;
}

function indented([mark, text]: readonly [string, string], stream: Output): string {
  const indent = ' '.repeat(2 + mark.length);
  return wrap(text, stream, indent.length)
    .map((line, at) => `${at === 0 ? `  ${mark}` : indent}${line}\n`)
    .join('');
}

/** What --fix is about to do, with the writes as commands that do the same. */
export function renderRepairs(findings: readonly Finding[], stream: Output): string {
  const lines = findings.flatMap(({ object, namespace, repair }) => [
    indented(['- ', `${object} -n ${namespace}: ${repair?.description}`], stream),
    ...(repair?.writes ?? []).map((write) => `    $ ${writeAsCommand(write)}\n`),
  ]);
  return `--fix will do ${plural(findings.length, 'thing')}:\n${lines.join('')}`;
}

const outcomes: Readonly<Record<RepairResult['outcome'], string>> = {
  repaired: 'repaired, and seen to be gone',
  tried: 'the server accepts it (dry run)',
  untried: 'no single write: not tried (dry run)',
  alive: 'its session lives: somebody renewed its record, nothing was done',
  failed: 'failed',
  'still there': 'written, but the finding is still there',
};

function renderResults(repairs: readonly RepairResult[], stream: Output): string {
  return repairs
    .map(({ finding, outcome, error, hint }) => {
      const isGood = outcome === 'repaired' || outcome === 'tried' || outcome === 'untried';
      const mark = styleText(isGood ? 'green' : 'red', isGood ? '✓' : '✗', { stream });
      const said = error === undefined ? outcomes[outcome] : `${outcomes[outcome]}: ${error}`;
      const next = hint === undefined ? '' : `    Hint: ${hint}\n`;
      return `${mark} ${finding.name}: ${finding.object}: ${said}\n${next}`;
    })
    .join('');
}

function verdict({ metadata, status }: DoctorReport): string {
  const { findings, repairs } = status;
  const wrong = findings.filter(({ severity }) => severity !== 'note');
  if (wrong.length === 0) {
    return findings.length === 0 ? 'Nothing is wrong.\n' : 'Nothing is wrong; see the notes.\n';
  }
  const repairable = wrong.filter(({ repair }) => repair).length;
  const where = metadata.namespace === undefined ? '-A' : `-n ${metadata.namespace}`;
  const next =
    repairable > 0 && repairs === undefined
      ? `; kubectl pitstop doctor --fix ${where} repairs ${repairable === wrong.length ? (repairable === 1 ? 'it' : 'all') : repairable}`
      : '';
  return `${plural(wrong.length, 'thing')} ${wrong.length === 1 ? 'is' : 'are'} wrong${next}.\n`;
}
