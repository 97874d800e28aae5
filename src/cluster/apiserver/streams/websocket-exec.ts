import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { ExecOptions, ExecSession } from '../../api.ts';
import { fromText, isBase64 } from './channel-protocols.ts';
import { CHANNEL, pipeToChannel, send, writeFromChannel } from './channels.ts';
import { exitStatus, failureStatus, statusText, type ExecStatus } from './exec-status.ts';

export interface ExecOverWebSocket {
  readonly socket: WebSocket;
  /** The connection below the WebSocket. */
  readonly below: Duplex;
  readonly options: ExecOptions;
  readonly start: () => Promise<ExecSession>;
}

/** Serves exec or attach over `v5.channel.k8s.io` or `v4.channel.k8s.io` until the client has closed. */
export async function serveExec(exec: ExecOverWebSocket): Promise<void> {
  const { socket, options } = exec;
  const early: Buffer[] = [];
  // What the client sends before the process stands must not be lost.
  const keep = (message: Buffer) => void early.push(message);
  socket.on('message', keep);
  const starting = exec.start();
  await Promise.allSettled([starting]);
  // As upstream, an empty frame tells that the channel is there; but after the start: kubectl before
  // 1.33 throws away what comes before it has made its streams, and a start takes longer than that.
  if (options.stdout) await send(socket, CHANNEL.stdout, '');
  let status: ExecStatus;
  try {
    const session = await starting;
    socket.off('message', keep);
    status = await relay(session, { ...exec, early });
  } catch (error) {
    status = failureStatus(error);
  }
  const end = statusText(status, socket.protocol);
  if (end !== '') await send(socket, CHANNEL.error, end);
  // Only the closing frame goes out now; the connection itself ends after the client's own, since
  // an end with unread pings in the buffer would reset it and lose what the client has yet to read.
  socket.close(1000);
}

async function relay(
  session: ExecSession,
  exec: ExecOverWebSocket & { readonly early: readonly Buffer[] },
): Promise<ExecStatus> {
  const { socket, below, options } = exec;
  const back = options.stdout ? CHANNEL.stdout : options.stderr ? CHANNEL.stderr : undefined;
  const receive = (message: Buffer) =>
    take(isBase64(socket.protocol) ? fromText(message) : message, { session, socket, back });
  for (const message of exec.early) receive(message);
  socket.on('message', receive);
  const gone = Promise.withResolvers<'gone'>();
  socket.once('close', () => {
    session.abandon();
    gone.resolve('gone');
  });
  if (socket.readyState !== socket.OPEN) session.abandon();

  const { stdout, stderr } = session;
  const outputs = Promise.all([
    stdout && pipeToChannel(stdout, { socket, below, channel: CHANNEL.stdout }),
    stderr && pipeToChannel(stderr, { socket, below, channel: CHANNEL.stderr }),
  ]);
  const result = await Promise.race([session.exit, gone.promise]);
  if (result === 'gone') return { metadata: {}, status: 'Failure' };
  await Promise.race([outputs, gone.promise]);
  const { exitCode } = result;
  return exitStatus(
    exitCode,
    words(exitCode, { protocol: socket.protocol, command: options.command }),
  );
}

function take(
  message: Buffer,
  to: {
    readonly session: ExecSession;
    readonly socket: WebSocket;
    readonly back: number | undefined;
  },
): void {
  const { session } = to;
  const [channel] = message;
  const data = message.subarray(1);
  if (channel === CHANNEL.stdin && data.length > 0) {
    if (session.stdin) writeFromChannel(session.stdin, data, to);
  } else if (channel === CHANNEL.close && data[0] === CHANNEL.stdin) session.stdin?.end();
  else if (channel === CHANNEL.resize) resize(session, data.toString());
}

function resize(session: ExecSession, text: string): void {
  try {
    const { Width, Height } = JSON.parse(text) as { Width: number; Height: number };
    session.resize(Width, Height);
  } catch {
    // Not JSON: upstream ignores it too.
  }
}

/** v5 is translated by the API server, v4 answered by the kubelet: they word it differently. */
function words(
  exitCode: number,
  { protocol, command }: { readonly protocol: string; readonly command: readonly string[] },
): string {
  return protocol.startsWith('v5')
    ? `command terminated with exit code ${exitCode}`
    : `error executing command [${command.join(' ')}], exit code ${exitCode}`;
}
