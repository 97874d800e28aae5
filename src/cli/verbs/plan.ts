import { Option, type Command } from 'commander';
import type { Finish } from '../exit-code.ts';
import { setExamples } from '../help.ts';
import type { Io } from '../io.ts';
import { planOptions, targetHelp } from '../session-flags.ts';

export function planVerb(
  verb: Command,
  io: Io,
  finish: Finish,
  command: readonly string[] | undefined,
): void {
  verb
    .summary('Show what a stop would do, and why; touches nothing')
    .description(
      'Show what a pit stop of the Pod would do, which route it would take and why, and what would refuse it; then the exit code is 2. Touches nothing.',
    )
    .argument('<TARGET>', targetHelp)
    .usage('TARGET [flags] [-- COMMAND [args...]]');
  for (const option of planOptions()) verb.addOption(option);
  verb.addOption(
    new Option(
      '--print-role',
      'Print the Role and RoleBinding that the stop needs, ready to apply',
    ),
  );
  setExamples(
    verb,
    `
# A Pod by name
kubectl pitstop plan -n shop web-6d4b75cb6d-hx9vq

# A ready Pod of a Deployment; pitstop picks one and says which
kubectl pitstop plan -n shop deploy/web

# Also each Service's selector, its slices and who manages them
kubectl pitstop plan -n shop deploy/web -o wide

# By the Services' selectors, if nothing else would do
kubectl pitstop plan -n shop web-6d4b75cb6d-hx9vq --route=selector

# With an option of the diagnostic: what would the pause be?
kubectl pitstop plan -n shop deploy/web --diagnostic=jvm-heap -- --all

# For a script: is anything in the way?
kubectl pitstop plan -n shop deploy/web -o json | jq '.status.interlocks'

# What may jane not do yet? The Role that she needs for it
kubectl pitstop plan -n shop deploy/web --as=jane --print-role`,
  );
  verb.action(async (target: string) => {
    const { plan } = await import('../commands/plan.ts');
    finish(await plan(io, target, { ...verb.optsWithGlobals(), command }));
  });
}
