import { type Command, Option } from 'commander';
import type * as commands from '../commands/cluster-faults.ts';
import type { ExitCode, Finish } from '../exit-code.ts';
import { choice, clusterName, duration, text, wholeNumber } from '../flags.ts';
import { setExamples } from '../help.ts';
import type { Io } from '../io.ts';

const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];
const codes = ['403', '409', '410', '429', '500', '503', '504'];

type Commands = typeof commands;

/** `cluster faults`: damage on demand, to rehearse what production does by itself. */
export function faultsVerbs(verb: Command, io: Io, finish: Finish): void {
  const act =
    (run: (commands: Commands, self: Command, argument: string) => Promise<ExitCode>) =>
    async (...args: unknown[]) => {
      const self = args.at(-1) as Command;
      const argument = typeof args[0] === 'string' ? args[0] : '';
      finish(await run(await import('../commands/cluster-faults.ts'), self, argument));
    };
  const add = (name: string, argument: string, description: string) => {
    const made = verb.command(name).description(description);
    if (argument) made.argument(`<${argument}>`);
    return made.usage(`${argument ? `${argument} ` : ''}[flags]`);
  };
  verb
    .description(
      'Rehearse failures: requests that are refused, lost or late, exec streams that end short, probes that fail, containers and nodes that die. Without a command: the faults there are.',
    )
    .usage('[COMMAND] [flags]')
    .addOption(clusterName())
    .action(act((commands, self) => commands.listFaults(io, self.optsWithGlobals())));
  setExamples(
    verb,
    `
# Three patches of Pods in a row are told to come back in 2 s
kubectl pitstop cluster faults request --verb=patch --resource=pods --answer=429 --retry-after=2s --times=3

# The next heap dump comes home truncated, and the status says Success
kubectl pitstop cluster faults exec --pod=my-api-0 --cut-at-byte=1000000 --ending=success --times=1

# A node dies; a container is killed; everything is well again
kubectl pitstop cluster faults stop-node pitstop-2
kubectl pitstop cluster faults kill my-api-0 -n shop
kubectl pitstop cluster faults clear`,
  );

  repeated(
    add('request', '', 'Requests to the API server that go wrong.')
      .addOption(choice('--verb <VERB>', `Which: ${verbs.join(', ')} (default: all)`, verbs))
      .addOption(text('--resource <PLURAL>', 'Which kind, such as pods'))
      .addOption(
        text('--subresource <NAME>', 'Such as status or exec; empty: only the object itself'),
      )
      .addOption(text('--object <NAME>', 'Which object'))
      .addOption(text('--by <USER>', 'Whose requests'))
      .addOption(choice('--answer <CODE>', `Refused with ${codes.join(', ')}`, codes))
      .addOption(duration('--retry-after <DURATION>', 'With --answer: when to come back'))
      .addOption(new Option('--lost-request', 'The connection breaks before anything is done'))
      .addOption(new Option('--lost-answer', 'It is done, and the answer is lost'))
      .addOption(new Option('--no-answer', 'The client waits until it gives up'))
      .addOption(
        duration('--delay <DURATION>', 'Every byte comes this much later, events of a watch too'),
      )
      .addOption(duration('--cut-after <DURATION>', 'A watch breaks after so long')),
  ).action(act((commands, self) => commands.addRequestFault(io, self.optsWithGlobals())));
  repeated(
    container(add('exec', '', 'Exec streams whose output ends short.'))
      .addOption(text('--words <WORDS>', 'Only commands in which these words stand'))
      .addOption(
        wholeNumber('--cut-at-byte <N>', 'Bytes of stdout that still come').makeOptionMandatory(),
      )
      .addOption(
        choice(
          '--ending <HOW>',
          'success: status Success; silent: no status at all; stall: a pause, then the rest',
          ['success', 'silent', 'stall'],
        ).makeOptionMandatory(),
      )
      .addOption(duration('--stall <DURATION>', 'With --ending=stall: how long')),
  ).action(act((commands, self) => commands.addExecFault(io, self.optsWithGlobals())));
  repeated(
    container(add('probe', '', 'Probes that fail whatever the container says.')).addOption(
      choice('--probe <KIND>', 'liveness, readiness or startup (default: all)', [
        'liveness',
        'readiness',
        'startup',
      ]),
    ),
  ).action(act((commands, self) => commands.addProbeFault(io, self.optsWithGlobals())));
  add('kill', 'POD', 'Kill a container with SIGKILL, as the kernel does when memory runs out.')
    .addOption(text('-c, --container <NAME>', 'Which container (default: the first)'))
    .action(act((commands, self, pod) => commands.killContainer(io, pod, self.optsWithGlobals())));
  for (const [name, words, isRunning] of [
    ['stop-node', 'Lose a node: its containers die and no word comes from it.', false],
    ['start-node', 'Switch a stopped node on again.', true],
  ] as const) {
    add(name, 'NODE', words).action(
      act((commands, self, node) =>
        commands.runNode(io, node, { ...self.optsWithGlobals(), isRunning }),
      ),
    );
  }
  add('remove', 'ID', 'Take back one fault.').action(
    act((commands, self, id) => commands.removeFault(io, id, self.optsWithGlobals())),
  );
  add('clear', '', 'Take back all faults.').action(
    act((commands, self) => commands.clearFaults(io, self.optsWithGlobals())),
  );
}

function container(verb: Command): Command {
  return verb
    .addOption(text('--pod <NAME>', 'Which Pod (default: all)'))
    .addOption(text('-c, --container <NAME>', 'Which container (default: all)'));
}

function repeated(verb: Command): Command {
  return verb
    .addOption(wholeNumber('--times <N>', 'How often (default: until it is removed)'))
    .addOption(wholeNumber('--skip <N>', 'How many are left alone before'));
}
