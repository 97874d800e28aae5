import type { Command, Option } from 'commander';
import type { Finish } from '../exit-code.ts';
import { choice, clusterName, list, text, wholeNumber } from '../flags.ts';
import { setExamples } from '../help.ts';
import type { Io } from '../io.ts';
import { faultsVerbs } from './cluster-faults.ts';
import { imagesVerbs } from './cluster-images.ts';

export function clusterVerbs(
  verb: Command,
  io: Io,
  finish: Finish,
  trailing: readonly string[] | undefined,
): void {
  verb
    .summary('Start and stop an embedded cluster on this machine')
    .description(
      'An embedded cluster that kubectl takes for Kubernetes: rehearse a pit stop with nothing installed. Containers are local processes.',
    )
    .usage('COMMAND [flags]');
  setExamples(
    verb,
    `
# In the background, and kubectl speaks to it
eval "$(kubectl pitstop cluster start --detach)"
kubectl get nodes
kubectl pitstop cluster stop`,
  );
  verb
    .command('start')
    .description(
      'Start an embedded cluster. In the foreground it runs until Ctrl-C; with --detach the command returns when the node is Ready.',
    )
    .usage('[flags]')
    .addOption(clusterName())
    .option('--detach', 'Return when the cluster is Ready and leave it running')
    .addOption(
      choice(
        '--proxy-follows <WHAT>',
        'What routes follow: endpointslices (as today) or endpoints (Kubernetes 1.18 and older)',
        ['endpointslices', 'endpoints'],
      ).default('endpointslices', 'endpointslices'),
    )
    .addOption(
      choice(
        '--proxy-mode <MODE>',
        'What carries Services: nftables or userspace (default: nftables where nft is there)',
        ['auto', 'nftables', 'userspace'],
      ),
    )
    .addOption(levelOption())
    .addOption(wholeNumber('--nodes <N>', 'How many nodes (default: 2)'))
    .addOption(
      text(
        '--data-dir <DIR>',
        'Keep the objects and the kubeconfig there, from one start to the next',
      ),
    )
    .addOption(wholeNumber('--port <PORT>', 'Port of the API server on 127.0.0.1 (default: any)'))
    .addOption(text('--images <FILE>', 'Images from a YAML file; see "cluster images --help"'))
    .addOption(
      text(
        '--kubernetes-version <VERSION>',
        'Answer as this version, 1.27 to 1.36 (default: 1.36.2)',
      ),
    )
    .action(async (_flags: unknown, start: Command) => {
      const { clusterStart } = await import('../commands/cluster.ts');
      finish(await clusterStart(io, start.optsWithGlobals()));
    });
  verb
    .command('stop')
    .description('Stop an embedded cluster and everything that runs in it.')
    .usage('[flags]')
    .addOption(clusterName())
    .action(async (_flags: unknown, stop: Command) => {
      const { clusterStop } = await import('../commands/cluster.ts');
      finish(await clusterStop(io, stop.optsWithGlobals()));
    });
  verb
    .command('status')
    .description('Show the embedded clusters of this user, or one of them.')
    .usage('[flags]')
    .addOption(text('--name <NAME>', 'Only the cluster of this name'))
    .action(async (_flags: unknown, status: Command) => {
      const { clusterStatus } = await import('../commands/cluster.ts');
      finish(await clusterStatus(io, status.optsWithGlobals()));
    });
  verb
    .command('kubeconfig')
    .description(
      "Print the kubeconfig of an embedded cluster to stdout: the admin's, or one for another user.",
    )
    .usage('[flags]')
    .addOption(clusterName())
    .addOption(
      text('--for <USER>', 'A kubeconfig for this user: roles and bindings say what he may do'),
    )
    .addOption(list('--group <GROUP>', 'With --for: a group of the user; may be repeated'))
    .action(async (_flags: unknown, kubeconfig: Command) => {
      const { clusterKubeconfig } = await import('../commands/cluster.ts');
      finish(await clusterKubeconfig(io, kubeconfig.optsWithGlobals()));
    });
  imagesVerbs(verb.command('images'), io, finish, trailing);
  faultsVerbs(verb.command('faults'), io, finish);
}

export function levelOption(): Option {
  return choice(
    '--level <LEVEL>',
    'How far containers are kept apart: namespaces, user, loopback or plain (default: as far as the system allows)',
    ['namespaces', 'user', 'loopback', 'plain'],
  );
}
