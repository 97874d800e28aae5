import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { WebSocket, type ClientOptions } from 'ws';
import { KubeError } from './errors.ts';
import { readExitStatus } from './exec-status.ts';
import { feedStdin } from './exec-stdin.ts';
import { outputs } from './exec-output.ts';
import type { Connection } from './kubeconfig.ts';
import { objectPath } from './resources.ts';
import { backOffMs, sleepUnlessAborted } from './retry.ts';
import { networkError, refusal } from './status.ts';
import { userAgent, withoutUndefined } from './transport.ts';
import type { ExecOptions } from './types.ts';

// remotecommand/constants.go: v5 is v4 plus the CLOSE signal, the only way to end stdin.
const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const channel = { stdout: 1, stderr: 2, status: 3 } as const;

const pingEveryMs = 5_000;
const deadAfterMs = 60_000;
const openAttempts = 3;

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

/** Before the upgrade nothing has run yet, so trying again is always safe. */
async function open(connection: Connection, options: ExecOptions): Promise<WebSocket> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await openOnce(connection, options, attempt > 1);
    } catch (error) {
      if (attempt >= openAttempts || !mayPass(error)) throw error;
      await sleepUnlessAborted(backOffMs(attempt + 1), options.signal);
    }
  }
}

function mayPass(error: unknown): boolean {
  if (!(error instanceof KubeError)) return false;
  const { code, cause } = error;
  if (code === 'unauthorized' || code === 'too-many-requests') return true;
  if (code === 'unreachable') return (cause as { code?: string }).code === 'ECONNRESET';
  return code === 'server-error' && error.status !== 500;
}

async function openOnce(
  connection: Connection,
  options: ExecOptions,
  fresh: boolean,
): Promise<WebSocket> {
  const { headers, tls, proxyAgent } = await connection.credentials({ fresh });
  const clientOptions: ClientOptions = {
    ...withoutUndefined(tls),
    ...(proxyAgent ? { agent: proxyAgent } : {}),
    headers: { ...(headers as Record<string, string>), 'User-Agent': userAgent },
    perMessageDeflate: false,
    skipUTF8Validation: true,
    handshakeTimeout: 30_000,
  };
  const socket = new WebSocket(execUrl(connection.server, options), protocols, clientOptions);
  return await new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      cleanUp();
      socket.on('error', () => {});
      socket.terminate();
      reject(networkError(error, connection.server, options.signal));
    };
    const onOpen = () => {
      cleanUp();
      // Frames may come before the awaiting caller listens: hold them until then.
      socket.pause();
      resolve(socket);
    };
    const onAbort = () => fail(options.signal?.reason);
    const onRefused = (_: unknown, response: IncomingMessage) => {
      refusedUpgrade(response, options).then(fail, fail);
    };
    const cleanUp = () => {
      socket.off('open', onOpen).off('error', fail).off('unexpected-response', onRefused);
      options.signal?.removeEventListener('abort', onAbort);
    };
    socket.on('open', onOpen).on('error', fail).on('unexpected-response', onRefused);
    options.signal?.addEventListener('abort', onAbort);
  });
}

function execUrl(server: string, { namespace, pod, container, command, stdin }: ExecOptions): URL {
  const url = new URL(
    `${server.replace(/^http/, 'ws')}${objectPath({ resource: 'pods', namespace, name: pod })}/exec`,
  );
  for (const word of command) url.searchParams.append('command', word);
  url.searchParams.set('container', container);
  if (stdin) url.searchParams.set('stdin', 'true');
  url.searchParams.set('stdout', 'true');
  url.searchParams.set('stderr', 'true');
  return url;
}

async function refusedUpgrade(response: IncomingMessage, options: ExecOptions): Promise<KubeError> {
  const { namespace, pod } = options;
  const status = response.statusCode ?? 0;
  const answer = { status, headers: response.headers, body: await text(response) };
  const error = refusal(answer, { verb: 'get', resource: 'pods/exec', namespace });
  // 400: no such container, or it is not running; a 500 comes from the kubelet and says so itself.
  if (error.code !== 'invalid' && status !== 500) return error;
  return new KubeError('exec-refused', `cannot exec in pod ${namespace}/${pod}: ${error.message}`, {
    status,
  });
}

async function run(socket: WebSocket, options: ExecOptions): Promise<{ exitCode: number }> {
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
    const stopWatching = watchPulse(
      socket,
      () => output.isPaused(),
      () => cut(`gave no sign of life for ${deadAfterMs / 1000} s`),
    );
    const stopFeeding = feedStdin(socket, options.stdin, fail);
    options.signal?.addEventListener('abort', onAbort);

    socket.on('message', (data: Buffer) => {
      const payload = data.subarray(1);
      // Servers open with an empty frame per channel, and may send CLOSE (255): neither is data.
      if (payload.length === 0 || finished) return;
      if (data[0] === channel.stdout) output.write('stdout', payload);
      else if (data[0] === channel.stderr) output.write('stderr', payload);
      else if (data[0] === channel.status) {
        const status = readExitStatus(payload.toString(), where);
        output.settled().then(() => {
          if (status instanceof KubeError) return fail(status);
          return finish(() => {
            sayGoodbye(socket);
            resolve(status);
          });
        }, fail);
      }
    });
    socket.on('error', (error) => cut(`failed (${error.message})`));
    socket.on('close', (code, reason) => {
      // A status that has arrived still waits for slow outputs; it is the answer all the same.
      output
        .settled()
        .then(() => cut(`closed (${code}${reason.length ? ` ${reason}` : ''})`), fail);
    });
    if (options.signal?.aborted) onAbort();
    else socket.resume();
  });
}

/** Pings, and calls `dead` when nothing has come back for too long; a paused socket proves nothing. */
function watchPulse(socket: WebSocket, isPaused: () => boolean, dead: () => void): () => void {
  let heardAt = performance.now();
  const hear = () => {
    heardAt = performance.now();
  };
  socket.on('pong', hear).on('message', hear);
  const timer = setInterval(() => {
    if (isPaused()) hear();
    if (performance.now() - heardAt > deadAfterMs) dead();
    else if (socket.readyState === WebSocket.OPEN) socket.ping();
  }, pingEveryMs);
  return () => clearInterval(timer);
}

/** Closes politely, but lets no unanswered close keep the process alive. */
function sayGoodbye(socket: WebSocket): void {
  socket.close(1000);
  const timer = setTimeout(() => socket.terminate(), 1000);
  timer.unref();
  socket.once('close', () => clearTimeout(timer));
}
