import {
  applyPreparation,
  checkPreparation,
  planPreparation,
  type PrepareRequest,
} from '../../engine/index.ts';
import { connectWith } from '../connection.ts';
import { exitCodes, type ExitCode } from '../exit-code.ts';
import type { CommonFlags } from '../flags.ts';
import type { Io } from '../io.ts';
import { asCalled } from '../as-called.ts';
import { printDocument } from '../render/document.ts';
import { renderPatches, renderPrepared, renderPreparation } from '../render/preparation.ts';
import { UsageError } from '../usage-error.ts';

interface PrepareFlags extends CommonFlags {
  readonly patch?: boolean;
  readonly service?: readonly string[];
  readonly label?: string;
  readonly gate?: boolean;
  readonly diff?: boolean;
  readonly apply?: boolean;
  readonly dryRun: 'none' | 'server';
  readonly timeout?: number;
}

/** Shows what would prepare a workload for the gentlest route, or does it. */
export async function prepare(io: Io, target: string, flags: PrepareFlags): Promise<ExitCode> {
  if (flags.apply && (flags.dryRun !== 'none' || flags.patch || flags.diff)) {
    throw new UsageError(
      '--apply and --dry-run, --patch or --diff exclude each other',
      'look first without --apply, then apply',
    );
  }
  const { output } = flags;
  await using kube = await connectWith(flags);
  const request: PrepareRequest = {
    target,
    namespace: kube.namespace,
    services: flags.service,
    means: flags.gate ? 'gate' : 'label',
    label: flags.label === undefined ? undefined : parseLabel(flags.label),
    timeoutMs: flags.timeout,
  };
  const { signal } = io;
  const onProgress = (message: string) => io.stderr.write(`${message}\n`);
  if (flags.apply) {
    const { preparation, endpoints } = await applyPreparation(kube, request, {
      signal,
      onProgress,
    });
    if (output === 'json' || output === 'yaml') {
      await printDocument(io, output, { ...preparation, endpoints });
    } else if (output === 'name') {
      io.stdout.write(`${preparation.spec.workload}\n`);
    } else {
      io.stdout.write(asCalled(renderPrepared(preparation, endpoints, io.stdout), io.env));
    }
    return exitCodes.done;
  }
  const preparation = await planPreparation(kube, request, { signal });
  if (flags.dryRun === 'server') {
    await checkPreparation(kube, preparation, { signal });
    onProgress('the server accepts every patch (dry run)');
  }
  if (flags.patch) {
    io.stdout.write(await renderPatches(preparation));
    return exitCodes.done;
  }
  switch (output) {
    case 'json':
    case 'yaml':
      await printDocument(io, output, preparation);
      break;
    case 'name':
      io.stdout.write(`${preparation.spec.workload}\n`);
      break;
    case 'wide':
    case undefined: {
      const options = { stream: io.stdout, diff: flags.diff ?? false };
      io.stdout.write(asCalled(await renderPreparation(preparation, options), io.env));
    }
  }
  return exitCodes.done;
}

function parseLabel(text: string): { readonly key: string; readonly value: string } {
  const [key = '', value = '', rest] = text.split('=');
  if (key === '' || value === '' || rest !== undefined) {
    throw new UsageError(`--label ${text} is no KEY=VALUE`, '--label traffic=on');
  }
  return { key, value };
}
