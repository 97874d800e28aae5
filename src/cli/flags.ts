import { InvalidArgumentError, Option } from 'commander';
import { parseDuration } from './duration.ts';

const outputFormats = ['json', 'yaml', 'name', 'wide'] as const;
type OutputFormat = (typeof outputFormats)[number];

const progressModes = ['auto', 'tty', 'plain', 'json', 'none'] as const;
export type ProgressMode = (typeof progressModes)[number];

/** The flags every verb knows: kubectl's own, with kubectl's names. */
export interface CommonFlags {
  readonly namespace?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly cluster?: string;
  readonly user?: string;
  readonly as?: string;
  readonly asGroup?: readonly string[];
  readonly server?: string;
  readonly token?: string;
  readonly requestTimeout?: number;
  readonly insecureSkipTlsVerify?: boolean;
  readonly certificateAuthority?: string;
  readonly output?: OutputFormat;
  readonly progress: ProgressMode;
  readonly verbose?: boolean;
}

export const connectionHeading = 'Connection:';

/** Flags without a heading of their own are shown in the help of every verb. */
export function commonOptions(): readonly Option[] {
  return [
    text('-n, --namespace <NAMESPACE>', 'Namespace of the target'),
    choice(
      '-o, --output <FORMAT>',
      'Result on stdout as one of json, yaml, name, wide',
      outputFormats,
    ),
    choice(
      '--progress <MODE>',
      'Progress on stderr: auto, tty, plain, json or none',
      progressModes,
    ).default('auto', 'auto'),
    choice('--color <WHEN>', 'Colours: auto (as NO_COLOR and the terminal say), always or never', [
      'auto',
      'always',
      'never',
    ]).default('auto', 'auto'),
    new Option('-v, --verbose', 'Show the stack of unexpected errors'),
    ...[
      text(
        '--kubeconfig <FILE>',
        'Path to the kubeconfig file (default: $KUBECONFIG, then ~/.kube/config)',
      ),
      text('--context <NAME>', 'Context of the kubeconfig to use'),
      text('--cluster <NAME>', 'Cluster of the kubeconfig to use'),
      text('--user <NAME>', 'User of the kubeconfig to use'),
      text('--as <USER>', 'User to impersonate'),
      list('--as-group <GROUP>', 'Group to impersonate; may be repeated'),
      text('-s, --server <URL>', 'Address of the API server'),
      text('--token <TOKEN>', 'Bearer token for the API server'),
      duration('--request-timeout <DURATION>', 'How long one request may take (0 = no limit)'),
      new Option('--insecure-skip-tls-verify', "Do not check the API server's certificate"),
      text('--certificate-authority <FILE>', 'Certificate authority of the API server'),
    ].map((option) => option.helpGroup(connectionHeading)),
  ];
}

/** A flag with a value. pflag reads `-n=prod` as `prod`; commander would hand over `=prod`. */
export function text(flags: string, description: string): Option {
  return new Option(flags, description).argParser(stripEquals);
}

export function choice(flags: string, description: string, values: readonly string[]): Option {
  const parse = (value: string): string => {
    const chosen = stripEquals(value);
    if (values.includes(chosen)) return chosen;
    throw new InvalidArgumentError(`Allowed choices are ${values.join(', ')}.`);
  };
  const option = new Option(flags, description).argParser(parse);
  choices.set(option, values);
  return option;
}

/** Commander's own list of choices would repeat itself in the help. */
const choices = new WeakMap<Option, readonly string[]>();

/** What a flag's value may be; empty where that is not a choice of words. */
export function choicesOf(option: Option): readonly string[] {
  return choices.get(option) ?? [];
}

/** The flags of the verbs that mean one embedded cluster. */
export interface ClusterFlags extends CommonFlags {
  readonly name: string;
}

/** Which embedded cluster: `--cluster` is the kubeconfig's. */
export function clusterName(): Option {
  return text('--name <NAME>', 'Name of the embedded cluster').default('pitstop', 'pitstop');
}

export function allNamespaces(): Option {
  return new Option('-A, --all-namespaces', 'In every namespace, not only in one');
}

/** A flag that may be repeated; its values in their order. */
export function list(flags: string, description: string): Option {
  return new Option(flags, description).argParser(
    (value: string, previous: readonly string[] | undefined) => [
      ...(previous ?? []),
      stripEquals(value),
    ],
  );
}

/** The value becomes milliseconds. */
export function duration(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value: string) => {
    const ms = parseDuration(stripEquals(value));
    if (ms === undefined) {
      throw new InvalidArgumentError('A duration looks like 30s, 5m or 1h30m.');
    }
    return ms;
  });
}

export function positiveNumber(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value: string) => {
    const number = Number(stripEquals(value));
    if (Number.isFinite(number) && number > 0) return number;
    throw new InvalidArgumentError('A positive number is needed.');
  });
}

export function wholeNumber(
  flags: string,
  description: string,
  { least = 0 }: { readonly least?: number } = {},
): Option {
  return new Option(flags, description).argParser((value: string) => {
    const digits = stripEquals(value);
    if (/^\d+$/.test(digits) && Number(digits) >= least) return Number(digits);
    throw new InvalidArgumentError(
      `A whole number${least > 0 ? ` from ${least} on` : ''} is needed.`,
    );
  });
}

function stripEquals(value: string): string {
  return value.startsWith('=') ? value.slice(1) : value;
}
