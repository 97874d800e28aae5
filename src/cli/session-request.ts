import {
  interlockCatalogue,
  interlockNames,
  overridableInterlocks,
  type CustomDiagnostic,
  type InterlockName,
  type MinReady,
  type SessionRequest,
} from '../engine/index.ts';
import type { CommonFlags } from './flags.ts';
import { quote } from './connection.ts';
import { UsageError } from './usage-error.ts';

export interface SessionFlags extends CommonFlags {
  readonly container?: string;
  readonly route?: SessionRequest['route'];
  readonly diagnostic?: string;
  readonly override?: readonly string[];
  readonly minReady?: MinReady;
  readonly dryRun?: 'none' | 'client' | 'server';
  readonly drain?: 'strict' | 'best-effort';
  readonly drainTimeout?: number;
  readonly drainHook?: readonly string[];
  readonly drainUndo?: readonly string[];
  /** Milliseconds. */
  readonly sever?: number;
  readonly debugImage?: string;
  readonly settle?: number;
  readonly timeout?: number;
  readonly restoreTimeout?: number;
  readonly ttl?: number;
  readonly keep?: SessionRequest['keep'];
  readonly whenUnwanted?: SessionRequest['whenUnwanted'];
  readonly artifactOutput?: string;
  readonly collect?: readonly string[];
  readonly keepRemote?: boolean;
  readonly remoteDir?: string;
  readonly diagnosticsFile?: readonly string[];
  /** As read from the files. */
  readonly customDiagnostics?: readonly CustomDiagnostic[] | undefined;
  readonly compress?: SessionRequest['compress'];
  readonly store?: SessionRequest['store'];
  /** Every Pod of the target in turn. */
  readonly all?: boolean;
  readonly maxOut?: number;
  readonly keepGoing?: boolean;
  /** What followed `--`. */
  readonly command?: readonly string[] | undefined;
}

/** The flags of a verb as the engine wants them. Throws UsageError when they contradict each other. */
export function toRequest(target: string, namespace: string, flags: SessionFlags): SessionRequest {
  if (flags.command?.length === 0) {
    throw new UsageError(
      'nothing follows --',
      'kubectl pitstop run POD --collect /tmp/out.txt -- COMMAND [args...]',
    );
  }
  // With a diagnostic that is named, the words are its options; else they are the command.
  const named = flags.diagnostic !== undefined && flags.diagnostic !== 'command';
  const command = named ? undefined : flags.command;
  if (flags.collect !== undefined && !command) {
    throw new UsageError(
      '--collect needs a command after --, which makes the file',
      `kubectl pitstop run ${target} --collect ${flags.collect.map(quote).join(' --collect ')} -- COMMAND [args...]`,
    );
  }
  if (flags.artifactOutput === '-' && flags.output !== undefined) {
    throw new UsageError(
      '-O - and -o would both write to stdout',
      'give -O a file or directory, or leave -o out',
    );
  }
  if (flags.artifactOutput === '-' && (flags.store ?? 'dumped') !== 'dumped') {
    throw new UsageError(
      '-O - writes the artifact as it was dumped, --store packs a file',
      `kubectl pitstop run ${target} -O - | zstd`,
    );
  }
  if (flags.maxOut !== undefined && !/^(?!pods?\/|po\/).+\//.test(target)) {
    throw new UsageError(
      '--max-out counts the Pods of a workload or Service',
      'name one: deploy/NAME, sts/NAME, svc/NAME, ...',
    );
  }
  return {
    target,
    namespace,
    container: flags.container,
    route: flags.route,
    diagnostic: flags.diagnostic,
    extraArgs: named ? flags.command : undefined,
    command,
    collect: flags.collect,
    output: flags.artifactOutput,
    drain: flags.drain,
    drainTimeoutMs: flags.drainTimeout,
    drainHooks: flags.drainHook,
    drainUndo: flags.drainUndo,
    severIdleMs: flags.sever,
    debugImage: flags.debugImage,
    settleMs: flags.settle,
    timeoutMs: flags.timeout,
    restoreTimeoutMs: flags.restoreTimeout,
    ttlMs: flags.ttl,
    keep: flags.keep,
    whenUnwanted: flags.whenUnwanted,
    overrides: flags.override?.map(toInterlock),
    minReady: flags.minReady,
    maxOut: flags.maxOut,
    keepRemote: flags.keepRemote,
    remoteDirectory: remoteDirectoryOf(flags),
    customDiagnostics: flags.customDiagnostics,
    compress: flags.compress,
    store: flags.store,
    dryRun: flags.dryRun,
  };
}

function toInterlock(name: string): InterlockName {
  const known = interlockNames.find((interlock) => interlock === name);
  if (!known) {
    const names = overridableInterlocks.join(', ');
    throw new UsageError(`unknown interlock ${name}`, `one of ${names}`);
  }
  const { final, meaning } = interlockCatalogue[known];
  if (final === undefined) return known;
  throw new UsageError(`interlock ${name} cannot be overridden: ${final}`, meaning);
}

/** Throws UsageError where it is not absolute: there is nothing that it could be relative to. */
export function remoteDirectoryOf({
  remoteDir,
}: Pick<SessionFlags, 'remoteDir'>): string | undefined {
  if (remoteDir === undefined || /^\/./.test(remoteDir)) return remoteDir;
  throw new UsageError(`--remote-dir must be an absolute path in the container, not ${remoteDir}`);
}
