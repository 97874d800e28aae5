import { Option, type Command } from 'commander';
import type { Finish } from '../exit-code.ts';
import { allNamespaces, choice } from '../flags.ts';
import { setExamples } from '../help.ts';
import type { Io } from '../io.ts';

export function doctorVerb(verb: Command, io: Io, finish: Finish): void {
  verb
    .summary('Find what is wrong with traffic, sessions and permissions; repair what is safe')
    .description(
      'Look at this machine, the cluster, your permissions and a namespace: sessions that left a Pod out, and what recipes done by hand leave behind (Services without their selector, stale or foreign EndpointSlices, orphaned Pods). Says what each costs right now. Touches nothing without --fix. Exit code 0: nothing is wrong (or all is repaired); 1: something is; 2: it could not look.',
    )
    .usage('[flags]')
    .addOption(allNamespaces())
    .option('--fix', 'Repair what is safe, after showing it; then look again')
    .option('--yes', 'With --fix: do not ask first')
    .addOption(
      choice('--dry-run <MODE>', 'With --fix: none, or server (the server checks every write)', [
        'none',
        'server',
      ]).default('none', 'none'),
    )
    .option('--files', 'Also look for what sessions left in containers (an exec in each)')
    .addOption(
      new Option(
        '--print-rbac',
        'Print the Role and RoleBinding that pitstop needs in the namespace',
      ),
    );
  setExamples(
    verb,
    `
# What is wrong here, and what does it cost?
kubectl pitstop doctor -n shop

# Repair what is safe; asks first
kubectl pitstop doctor -n shop --fix

# Would the server let it?
kubectl pitstop doctor -n shop --fix --dry-run=server

# Everything pitstop needs, for this user
kubectl pitstop doctor -n shop --print-rbac | kubectl apply -f - --as=admin`,
  );
  verb.action(async () => {
    const { doctor } = await import('../commands/doctor.ts');
    finish(await doctor(io, verb.optsWithGlobals()));
  });
}
