import { InvalidArgumentError, Option } from 'commander';
import { parseDuration } from './duration.ts';
import { choice, duration, list, text, wholeNumber } from './flags.ts';
import { interlockOptions } from './interlock-flags.ts';

/** How a target is named, for the help of the verbs that take one. */
export const targetHelp =
  'POD, pod/NAME, deploy/NAME, rs/NAME, sts/NAME, ds/NAME, rc/NAME, job/NAME or svc/NAME (picks a ready Pod)';

export function containerOption(): Option {
  return text('-c, --container <NAME>', 'Container to work on (default: as kubectl picks it)');
}

/** What bears on which diagnostics there are, and what they need. */
export function diagnosticOptions(): readonly Option[] {
  return [
    list(
      '--diagnostics-file <FILE>',
      'File with diagnostics of your own; may be repeated (default: $XDG_CONFIG_HOME/pitstop/diagnostics.yaml)',
    ),
    text(
      '--remote-dir <DIR>',
      'Where to write in the container (default: the roomiest emptyDir or temporary directory)',
    ),
  ];
}

export function planOptions(): readonly Option[] {
  return [
    containerOption(),
    choice(
      '--route <ROUTE>',
      'How the Pod leaves traffic: label, gate, release or selector (default: the gentlest of the first three that works)',
      ['label', 'gate', 'release', 'selector'],
    ),
    text('--diagnostic <NAME>', 'What to run (default: the best that works in the container)'),
    ...diagnosticOptions(),
    ...interlockOptions(),
  ];
}

export function stopOptions(): readonly Option[] {
  return [
    choice(
      '--dry-run <MODE>',
      'none, client (show the plan) or server (also let the server check the write)',
      ['none', 'client', 'server'],
    ).default('none', 'none'),
    choice(
      '--drain <MODE>',
      'Connections still open after the timeout fail the stop (strict) or warn (best-effort)',
      ['strict', 'best-effort'],
    ).default('strict', 'strict'),
    duration(
      '--drain-timeout <DURATION>',
      'How long open connections may take to end (default: 30s)',
    ),
    several(
      '--drain-hook <HOOK>',
      'Lets the app end its connections: exec:CMD, http://:PORT/PATH, envoy, istio or spring; may be repeated',
    ),
    several('--drain-undo <CALL>', 'Takes back a hook of your own: exec:CMD or http://:PORT/PATH'),
    severOption(),
    debugImageOption(),
    duration(
      '--settle <DURATION>',
      'How long no new connection may come before the Pod counts as out (default: 1.5s)',
    ),
    duration('--timeout <DURATION>', 'How long the diagnostic may take (default: 10m)'),
    restoreTimeoutOption(),
  ];
}

/** What becomes of the Pod in the end: of `run` and `restore`. */
export function partingOptions(): readonly Option[] {
  return [
    choice(
      '--keep <WHICH>',
      'With route release: the pod that was worked on, or the replacement: then the Pod is deleted once all is home (default: pod)',
      ['pod', 'replacement'],
    ),
    choice(
      '--when-unwanted <WHAT>',
      'With route release, if a rollout or scale-down came meanwhile: keep the Pod out, or delete it once all is home (default: keep)',
      ['keep', 'delete'],
    ),
  ];
}

export function debugImageOption(): Option {
  return text(
    '--debug-image <IMAGE>',
    'For an ephemeral container, where the Pod itself has no shell or tool for it; none = never',
  );
}

/** `idle`, or `idle:DURATION`: how long a connection must have been idle, in milliseconds. */
function severOption(): Option {
  return new Option(
    '--sever <idle[:DURATION]>',
    'Close connections once they have been idle for this long (idle = idle:50ms)',
  ).argParser((value: string) => {
    const [, text = '50ms'] = /^idle(?::(.+))?$/.exec(value) ?? [undefined, ''];
    const idleMs = parseDuration(text);
    if (!idleMs) throw new InvalidArgumentError('idle or idle:DURATION, e.g. idle:200ms');
    return idleMs;
  });
}

function several(flags: string, description: string): Option {
  return new Option(flags, description).argParser(
    (value: string, previous: readonly string[] | undefined) => [...(previous ?? []), value],
  );
}

export function maxOutOption(): Option {
  return wholeNumber(
    '--max-out <N>',
    'How many Pods of the workload or Service may be out at once, other sessions counted (default with --all: 1)',
    { least: 1 },
  );
}

/** Every Pod of a workload or Service: of `run`. */
export function fleetOptions(): readonly Option[] {
  return [
    new Option('--all', 'Every Pod of the workload or Service in turn, new ones of a rollout too'),
    maxOutOption(),
    new Option('--keep-going', 'With --all: go on with the other Pods when one has failed'),
  ];
}

export function restoreTimeoutOption(): Option {
  return duration('--restore-timeout <DURATION>', 'How long the way back may take (default: 2m)');
}

export function artifactOptions(): readonly Option[] {
  return [
    text(
      '-O, --artifact-output <PATH>',
      'Where the artifact goes: a directory, a file, or - for stdout (default: ./pitstop-artifacts/)',
    ),
    new Option('--keep-remote', "Leave the artifact's file in the container"),
    choice(
      '--compress <HOW>',
      'How the artifact travels: zstd or gzip where the container has it, none, or auto: whichever is measured to be faster (default: auto)',
      ['auto', 'zstd', 'gzip', 'none'],
    ),
    choice(
      '--store <HOW>',
      'How the artifact is kept: as it was dumped, or compressed by zstd (.zst) or gzip (.gz) (default: dumped)',
      ['dumped', 'zstd', 'gzip'],
    ),
  ];
}
