import { styleText } from 'node:util';
import type { EndpointsSeen, Preparation, PreparationStep } from '../../engine/index.ts';
import type { Output } from '../io.ts';
import { diffLines } from './diff-lines.ts';
import { yamlOptions } from './document.ts';
import { renderFacts, type Fact } from './summary.ts';

/** A preparation for people: what is there, the steps as commands, what keeps `--apply` from them. */
export async function renderPreparation(
  preparation: Preparation,
  { stream, diff }: { readonly stream: Output; readonly diff: boolean },
): Promise<string> {
  const { metadata, spec, status } = preparation;
  const open = status.steps.filter(({ done }) => !done);
  const facts: Fact[] = [
    ...status.services.map(({ name, message }): Fact => [`service/${name}`, message]),
    ...status.warnings.map((warning): Fact => ['Warning', warning]),
  ];
  const title = `Preparing ${spec.workload} in namespace ${metadata.namespace}, by ${spec.means} ${spec.by}`;
  const parts = [styleText('bold', title, { stream }), renderFacts(facts, stream).trimEnd(), ''];
  if (open.length === 0) {
    return `${parts.join('\n')}\nNothing is left to be done.\n`;
  }
  parts.push(
    spec.means === 'label'
      ? 'In this order no Service loses an endpoint:'
      : 'Once something opens the gate of every new Pod:',
  );
  for (const [at, step] of status.steps.entries()) {
    parts.push(...stepLines(step, at + 1, spec.workload, metadata.namespace));
    if (diff && !step.done) parts.push(...(await diffOf(step, stream)));
  }
  if (status.refusals.length > 0) {
    parts.push('', '--apply would be refused:');
    for (const { object, message } of status.refusals) {
      parts.push(`  ${styleText('red', '✗', { stream })} ${object}: ${message}`);
    }
  } else {
    parts.push(
      '',
      'To have it done, and the endpoints watched:',
      `  kubectl pitstop prepare ${spec.workload} -n ${metadata.namespace} --apply`,
    );
  }
  return `${parts.join('\n')}\n`;
}

function stepLines(
  { object, message, done, patch }: PreparationStep,
  number: number,
  workload: string,
  namespace: string,
): readonly string[] {
  if (done) return [`  ${number}. ${object}: done already`];
  const json = JSON.stringify(patch).replaceAll(`'`, `'\\''`);
  return [
    `  ${number}. ${object}: ${message}`,
    `     kubectl patch ${object} -n ${namespace} --type=strategic -p '${json}'`,
    ...(object === workload ? [`     kubectl rollout status ${object} -n ${namespace}`] : []),
  ];
}

async function diffOf({ before, after }: PreparationStep, stream: Output): Promise<string[]> {
  const { stringify } = await import('yaml');
  const linesOf = (fragment: object) => stringify(fragment, yamlOptions).trimEnd().split('\n');
  const colours = { '+': 'green', '-': 'red', ' ': 'dim' } as const;
  return diffLines(linesOf(before), linesOf(after)).map(
    ({ sign, line }) => `       ${styleText(colours[sign], `${sign} ${line}`, { stream })}`,
  );
}

/** Every step as a strategic merge patch with the object it is for: one YAML document each. */
export async function renderPatches({ status }: Preparation): Promise<string> {
  const { stringify } = await import('yaml');
  const kinds: Readonly<Record<string, readonly [string, string]>> = {
    deployments: ['apps/v1', 'Deployment'],
    statefulsets: ['apps/v1', 'StatefulSet'],
    daemonsets: ['apps/v1', 'DaemonSet'],
    services: ['v1', 'Service'],
  };
  return status.steps
    .filter(({ done }) => !done)
    .map(({ reference, patch, message }) => {
      const [apiVersion, kind] = kinds[reference.resource] ?? ['v1', reference.resource];
      const metadata = { name: reference.name, namespace: reference.namespace };
      return `# ${message}\n${stringify({ apiVersion, kind, metadata, ...patch }, yamlOptions)}`;
    })
    .join('---\n');
}

/** What came of `--apply`: how many endpoints each Service had all the while. */
export function renderPrepared(
  { metadata, spec, status }: Preparation,
  endpoints: readonly EndpointsSeen[],
  stream: Output,
): string {
  const title = `${spec.workload} in namespace ${metadata.namespace} is prepared: by ${spec.means} ${spec.by}.`;
  const facts = [
    ...status.services
      .filter(({ prepared }) => prepared)
      .map(({ name, message }): Fact => [`service/${name}`, message]),
    ...endpoints.map(({ service, readyBefore, readyLowest, readyAfter }): Fact => {
      const counted = `${readyBefore} ready endpoints before, never fewer than ${readyLowest}, ${readyAfter} now`;
      return [`service/${service}`, counted];
    }),
  ];
  const next = `kubectl pitstop plan ${spec.workload} -n ${metadata.namespace}`;
  return `${styleText('bold', title, { stream })}\n${renderFacts(facts, stream)}\nSee what a stop would do now:\n  ${next}\n`;
}
