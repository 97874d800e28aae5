import { KubeError } from './errors.ts';
import { readExitStatus } from './exec-status.ts';
import { feedStdin } from './exec-stdin.ts';
import { outputs } from './exec-output.ts';
import type { Connection } from './kubeconfig.ts';
import { objectPath } from './resources.ts';
import type { ExecOptions } from './types.ts';
import type { ChannelListener, ChannelSocket } from './websocket/channel-socket.ts';
import { openWebSocket } from './websocket/open.ts';
import { watchPulse } from './websocket/pulse.ts';

// remotecommand/constants.go: v5 is v4 plus the CLOSE signal, the only way to end stdin.
const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const channel = { stdout: 1, stderr: 2, status: 3 } as const;

/** Runs a command in a container, as `Kube.exec` promises. */
export async function exec(
  connection: Connection,
  options: ExecOptions,
): Promise<{ readonly exitCode: number }> {
  if (options.signal?.aborted) {
    throw new KubeError('aborted', 'exec was aborted', { cause: options.signal.reason });
  }
  const socket = await open(connection, options);
  return await run(socket, options);
}

function open(connection: Connection, options: ExecOptions): Promise<ChannelSocket> {
  const { namespace, pod, container, command, stdin, signal } = options;
  const query = new URLSearchParams(command.map((word): [string, string] => ['command', word]));
  query.set('container', container);
  if (stdin) query.set('stdin', 'true');
  query.set('stdout', 'true');
  query.set('stderr', 'true');
  return openWebSocket(connection, {
    path: `${objectPath({ resource: 'pods', namespace, name: pod })}/exec`,
    query,
    protocols,
    resource: 'pods/exec',
    namespace,
    // 400: no such container, or it is not running; a 500 comes from the kubelet and says so itself.
    refused: (error, { status }) =>
      error.code === 'invalid' || status === 500
        ? new KubeError(
            'exec-refused',
            `cannot exec in pod ${namespace}/${pod}: ${error.message}`,
            { status },
          )
        : error,
    signal,
  });
}

async function run(socket: ChannelSocket, options: ExecOptions): Promise<{ exitCode: number }> {
  const where = `pod ${options.namespace}/${options.pod}`;
  return await new Promise((resolve, reject) => {
    let finished = false;
    const finish = (settle: () => void) => {
      if (finished) return;
      finished = true;
      stopWatching();
      stopFeeding();
      options.signal?.removeEventListener('abort', onAbort);
      settle();
    };
    const fail = (error: unknown) =>
      finish(() => {
        socket.terminate();
        reject(error);
      });
    const onAbort = () =>
      fail(
        new KubeError('aborted', `exec in ${where} was aborted`, { cause: options.signal?.reason }),
      );
    const cut = (how: string) =>
      fail(
        new KubeError(
          'exec-cut',
          `the stream of ${where} ${how} before the command's end was known`,
        ),
      );

    const output = outputs(socket, options, fail);
    const stopWatching = watchPulse(socket, () => output.isPaused(), cut);
    const stopFeeding = feedStdin(socket, options.stdin, fail);
    options.signal?.addEventListener('abort', onAbort);

    const said: Buffer[] = [];
    const hear = () => {
      const status = readExitStatus(Buffer.concat(said).toString(), where);
      output.settled().then(() => {
        if (status instanceof KubeError) return fail(status);
        return finish(() => {
          socket.close();
          resolve(status);
        });
      }, fail);
    };
    const listener: ChannelListener = {
      onBytes(number, bytes, isLast) {
        if (finished) return;
        // Servers open with an empty frame per channel, and may send CLOSE (255): neither is data.
        if (number === channel.stdout) output.write('stdout', bytes);
        else if (number === channel.stderr) output.write('stderr', bytes);
        else if (number === channel.status) {
          if (bytes.length > 0) said.push(Buffer.from(bytes));
          if (isLast && said.length > 0) hear();
        }
      },
      onClose(_code, how) {
        // A status that has arrived still waits for slow outputs; it is the answer all the same.
        output.settled().then(() => cut(how), fail);
      },
    };
    socket.listen(listener);
    if (options.signal?.aborted) onAbort();
    else socket.resume();
  });
}
