import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import type { Io } from './io.ts';
import { runProgram } from './program.ts';

async function type(line: string): Promise<{ code: number; out: string; err: string }> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const io: Io = {
    stdin: Readable.from([]),
    stdout,
    stderr,
    env: {},
    signal: new AbortController().signal,
    recovery: undefined,
  };
  const output = Promise.all([text(stdout), text(stderr)]);
  const code = await runProgram(line.split(' ').filter(Boolean), io);
  stdout.end();
  stderr.end();
  const [out, err] = await output;
  return { code, out, err };
}

describe('help', () => {
  it('lists the verbs, the flags of all of them, and examples first', async () => {
    const { code, out } = await type('--help');
    expect(code).toBe(0);
    expect(out).toMatchInlineSnapshot(`
      "Take one Pod out of its Services' traffic, work on it, bring the result home whole, put it back, and
      prove every step.

      Examples:
        # See the whole thing on this machine, nothing needed: embedded cluster, sample app, traffic, one heap dump
        kubectl pitstop demo

        # What would happen to a Pod, and why
        kubectl pitstop plan -n shop web-6d4b75cb6d-hx9vq

        # The whole stop: out of traffic, heap dump, home, verified, back in traffic
        kubectl pitstop run -n shop web-6d4b75cb6d-hx9vq

        # Put back whatever was left out
        kubectl pitstop restore -n shop --all

      Commands:
        plan          Show what a stop would do, and why; touches nothing
        run           The whole stop: isolate, drain, diagnose, collect, restore
        isolate       Take a Pod out of traffic and leave it out
        collect       Fetch a file or directory of a Pod, verified, or finish fetching it
        inspect       Look into a dump on this machine: whole or not, and what is in it
        restore       Put a Pod back, from any machine
        status        Show Services, their endpoints and Pods, and who is out
        doctor        Find what is wrong with traffic, sessions and permissions; repair what is safe
        prepare       Give a workload the means for the gentlest route
        diagnostics   List the diagnostics, and which work on a Pod
        cluster       Start and stop an embedded cluster on this machine
        demo          Embedded cluster, sample app, traffic and one real heap dump
        completion    Print the completion script of a shell, for kubectl-pitstop by itself

      Options:
            --version                       Print the version of pitstop
        -n, --namespace <NAMESPACE>         Namespace of the target
        -o, --output <FORMAT>               Result on stdout as one of json, yaml, name, wide
            --progress <MODE>               Progress on stderr: auto, tty, plain, json or none (default:
                                            auto)
            --color <WHEN>                  Colours: auto (as NO_COLOR and the terminal say), always or
                                            never (default: auto)
        -v, --verbose                       Show the stack of unexpected errors
        -h, --help                          Show this help

      Connection:
            --kubeconfig <FILE>             Path to the kubeconfig file (default: $KUBECONFIG, then
                                            ~/.kube/config)
            --context <NAME>                Context of the kubeconfig to use
            --cluster <NAME>                Cluster of the kubeconfig to use
            --user <NAME>                   User of the kubeconfig to use
            --as <USER>                     User to impersonate
            --as-group <GROUP>              Group to impersonate; may be repeated
        -s, --server <URL>                  Address of the API server
            --token <TOKEN>                 Bearer token for the API server
            --request-timeout <DURATION>    How long one request may take (0 = no limit)
            --insecure-skip-tls-verify      Do not check the API server's certificate
            --certificate-authority <FILE>  Certificate authority of the API server

      Usage:
        kubectl pitstop COMMAND [TARGET] [flags]

      Use "kubectl pitstop <command> --help" for more about a command.
      "
    `);
  });

  it('of run', async () => {
    expect((await type('run --help')).out).toMatchInlineSnapshot(`
      "Take the Pod out of traffic, run a diagnostic (or your command) in it, bring the artifact home
      verified, and put the Pod back. Ctrl-C puts the Pod back first.

      Examples:
        # The best diagnostic that works in the container: for a JVM, a heap dump
        kubectl pitstop run -n shop web-6d4b75cb6d-hx9vq

        # Any ready Pod of the Deployment, a thread dump, into a directory
        kubectl pitstop run -n shop deploy/web --diagnostic=jvm-threads -O ./dumps/

        # A command of your own, and the file that it makes
        kubectl pitstop run -n shop web-6d4b75cb6d-hx9vq --collect /tmp/out.txt -- sh -c 'top -b -n1 > /tmp/out.txt'

        # Several files, made in a directory of its own that is removed afterwards: they come as one tar
        kubectl pitstop run -n shop deploy/web --collect '@DIR/*.log' -- sh -c 'cp /app/*.log @DIR'

        # An option of the diagnostic goes after --: here all objects, not only the live ones
        kubectl pitstop run -n shop deploy/web --diagnostic=jvm-heap -- --all

        # The Pod is to go once its heap dump is home; the replacement that was started for it stays
        kubectl pitstop run -n shop web-6d4b75cb6d-hx9vq --keep=replacement

        # Every Pod of the Deployment in turn, never more than one out of traffic
        kubectl pitstop run -n shop deploy/web --all --max-out=1 -O ./dumps/

        # The artifact to stdout, progress as JSON events on stderr
        kubectl pitstop run -n shop deploy/web -O - --progress=json > heap.hprof

      Options:
        -c, --container <NAME>            Container to work on (default: as kubectl picks it)
            --route <ROUTE>               How the Pod leaves traffic: label, gate, release or selector
                                          (default: the gentlest of the first three that works)
            --diagnostic <NAME>           What to run (default: the best that works in the container)
            --diagnostics-file <FILE>     File with diagnostics of your own; may be repeated (default:
                                          $XDG_CONFIG_HOME/pitstop/diagnostics.yaml)
            --remote-dir <DIR>            Where to write in the container (default: the roomiest emptyDir
                                          or temporary directory)
            --override <INTERLOCK>        Go although this interlock refuses; may be repeated. One of
                                          owner-gone, static-pod, not-running, not-ready, host-network,
                                          rollout, statefulset-ordinal, last-endpoint, foreign-entry,
                                          gitops-service, pdb, hpa-scale-down, liveness-budget, disk,
                                          memory, ephemeral-storage
            --min-ready <N|%>             Ready endpoints that must remain in each Service, as a number or
                                          percent of those now (default: 1)
            --dry-run <MODE>              none, client (show the plan) or server (also let the server
                                          check the write) (default: none)
            --drain <MODE>                Connections still open after the timeout fail the stop (strict)
                                          or warn (best-effort) (default: strict)
            --drain-timeout <DURATION>    How long open connections may take to end (default: 30s)
            --drain-hook <HOOK>           Lets the app end its connections: exec:CMD, http://:PORT/PATH,
                                          envoy, istio or spring; may be repeated
            --drain-undo <CALL>           Takes back a hook of your own: exec:CMD or http://:PORT/PATH
            --sever <idle[:DURATION]>     Close connections once they have been idle for this long (idle =
                                          idle:50ms)
            --debug-image <IMAGE>         For an ephemeral container, where the Pod itself has no shell or
                                          tool for it; none = never
            --settle <DURATION>           How long no new connection may come before the Pod counts as out
                                          (default: 1.5s)
            --timeout <DURATION>          How long the diagnostic may take (default: 10m)
            --restore-timeout <DURATION>  How long the way back may take (default: 2m)
            --keep <WHICH>                With route release: the pod that was worked on, or the
                                          replacement: then the Pod is deleted once all is home (default:
                                          pod)
            --when-unwanted <WHAT>        With route release, if a rollout or scale-down came meanwhile:
                                          keep the Pod out, or delete it once all is home (default: keep)
        -O, --artifact-output <PATH>      Where the artifact goes: a directory, a file, or - for stdout
                                          (default: ./pitstop-artifacts/)
            --keep-remote                 Leave the artifact's file in the container
            --compress <HOW>              How the artifact travels: zstd or gzip where the container has
                                          it, none, or auto: whichever is measured to be faster (default:
                                          auto)
            --store <HOW>                 How the artifact is kept: as it was dumped, or compressed by
                                          zstd (.zst) or gzip (.gz) (default: dumped)
            --all                         Every Pod of the workload or Service in turn, new ones of a
                                          rollout too
            --max-out <N>                 How many Pods of the workload or Service may be out at once,
                                          other sessions counted (default with --all: 1)
            --keep-going                  With --all: go on with the other Pods when one has failed
            --collect <PATH>              With a command after --: the file, directory or pattern (quoted)
                                          in the container to bring home; may be repeated
        -h, --help                        Show this help
        -n, --namespace <NAMESPACE>       Namespace of the target
        -o, --output <FORMAT>             Result on stdout as one of json, yaml, name, wide
            --progress <MODE>             Progress on stderr: auto, tty, plain, json or none (default:
                                          auto)
            --color <WHEN>                Colours: auto (as NO_COLOR and the terminal say), always or
                                          never (default: auto)
        -v, --verbose                     Show the stack of unexpected errors

      Usage:
        kubectl pitstop run TARGET [flags] [-- COMMAND [args...]]

      Use "kubectl pitstop --help" for the connection flags, which are kubectl's.
      "
    `);
  });

  it.each(['plan', 'isolate', 'restore', 'status', 'diagnostics', 'cluster', 'demo'])(
    'of %s has an example',
    async (verb) => {
      const { code, out } = await type(`${verb} --help`);
      expect(code).toBe(0);
      expect(out).toMatch(new RegExp(`Examples:\\n(?:.*\\n)*  kubectl pitstop ${verb}`));
    },
  );
});

describe('usage errors exit 2 and say what to type', () => {
  it.each([
    [
      'rnu web-1',
      "error: unknown command 'rnu'\n(Did you mean run?)\nhint: kubectl pitstop --help\n",
    ],
    [
      'run web-1 --rout label',
      "error: unknown option '--rout'\n(Did you mean --route?)\nhint: kubectl pitstop run --help\n",
    ],
    [
      'run web-1 --rout=label',
      "error: unknown option '--rout'\n(Did you mean --route?)\nhint: kubectl pitstop run --help\n",
    ],
    [
      'run web-1 --route=foo',
      "error: option '--route <ROUTE>' argument 'foo' is invalid. Allowed choices are label, gate, release, selector.\nhint: kubectl pitstop run --help\n",
    ],
    [
      'run web-1 --drain-timeout=30',
      "error: option '--drain-timeout <DURATION>' argument '30' is invalid. A duration looks like 30s, 5m or 1h30m.\nhint: kubectl pitstop run --help\n",
    ],
    [
      'doctor --fix=maybe',
      "error: option '--fix' takes no value\nhint: kubectl pitstop doctor --help\n",
    ],
    ['run', "error: missing required argument 'TARGET'\nhint: kubectl pitstop run --help\n"],
    ['status -- ls', 'error: status takes no command after --\n'],
    [
      'restore',
      'error: name one Pod, or give --all or --expired\nhint: kubectl pitstop status shows who is out\n',
    ],
  ])('%s', async (line, message) => {
    expect(await type(line)).toEqual({ code: 2, out: '', err: message });
  });
});

it('reports an unreachable cluster as the environment, not as a bug', async () => {
  const { code, out, err } = await type('status -n=shop --server=https://127.0.0.1:1 -o=json');
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(/^error: .*127\.0\.0\.1:1/);
  expect(err).not.toContain('bug');
});
