import { Duplex } from 'node:stream';
import { KubeError } from './errors.ts';
import type { Connection } from './kubeconfig.ts';
import { objectPath } from './resources.ts';
import type { PortForwardOptions } from './types.ts';
import type { ChannelSocket } from './websocket/channel-socket.ts';
import { openWebSocket } from './websocket/open.ts';
import { watchPulse } from './websocket/pulse.ts';

// kubelet, cri/streaming/portforward/websocket.go: served by every kubelet, and passed through by
// every API server; kubectl's own (SPDY inside a WebSocket) is there from 1.30 on only.
const protocols = ['v4.channel.k8s.io'];
const channel = { data: 0, error: 1 } as const;

/** Each channel begins with the port, two bytes. */
const headBytes = 2;
const frameBytes = 32 * 1024;

/** A connection to a port of a Pod, as `Kube.portForward` promises. */
export async function portForward(
  connection: Connection,
  options: PortForwardOptions,
): Promise<Duplex> {
  const { namespace, pod, port, signal } = options;
  if (signal?.aborted) {
    throw new KubeError('aborted', 'port-forward was aborted', { cause: signal.reason });
  }
  const socket = await openWebSocket(connection, {
    path: `${objectPath({ resource: 'pods', namespace, name: pod })}/portforward`,
    query: new URLSearchParams({ ports: String(port) }),
    protocols,
    resource: 'pods/portforward',
    namespace,
    refused: (error, { status }) =>
      error.code === 'invalid' || status === 500
        ? refusedBy(options, error.message, status)
        : error,
    signal,
  });
  return new ForwardedPort(socket, options);
}

function refusedBy({ namespace, pod, port }: PortForwardOptions, said: string, status?: number) {
  return new KubeError(
    'forward-refused',
    `port ${port} of pod ${namespace}/${pod} cannot be reached: ${said}`,
    { status },
  );
}

/** What is written goes to the port; ending it says nothing to the other side, destroying it closes. */
class ForwardedPort extends Duplex {
  readonly #socket: ChannelSocket;
  readonly #options: PortForwardOptions;
  readonly #stopWatching: () => void;
  readonly #missing = new Map<number, number>([
    [channel.data, headBytes],
    [channel.error, headBytes],
  ]);
  /** Nobody has asked for more than was given. */
  #isFull = true;

  constructor(socket: ChannelSocket, options: PortForwardOptions) {
    // Where the other side has closed, nothing more can be written.
    super({ autoDestroy: true, allowHalfOpen: false });
    this.#socket = socket;
    this.#options = options;
    this.#stopWatching = watchPulse(
      socket,
      () => this.#isFull,
      (how) => this.#cut(how),
    );
    socket.listen({
      onBytes: (name, bytes) => this.#take(name, bytes),
      onClose: (code, how) => {
        this.#stopWatching();
        if (code === 1000) this.push(null);
        else this.#cut(how);
      },
    });
    options.signal?.addEventListener('abort', this.#onAbort);
    if (options.signal?.aborted) this.#onAbort();
  }

  /** What clients of HTTP call when they are done with a connection; nothing else would close it. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  readonly #onAbort = () => {
    const { namespace, pod, signal } = this.#options;
    const what = `port-forward to pod ${namespace}/${pod} was aborted`;
    this.destroy(new KubeError('aborted', what, { cause: signal?.reason }));
  };

  #cut(how: string): void {
    const { namespace, pod, port } = this.#options;
    const what = `the connection to port ${port} of pod ${namespace}/${pod} ${how}`;
    this.destroy(new KubeError('forward-cut', what));
  }

  #take(name: number, bytes: Buffer): void {
    const missing = this.#missing.get(name);
    if (missing === undefined || this.destroyed) return;
    this.#missing.set(name, Math.max(0, missing - bytes.length));
    const payload = bytes.subarray(missing);
    // Servers may open a channel with an empty frame.
    if (payload.length === 0) return;
    if (name === channel.error) {
      this.destroy(refusedBy(this.#options, payload.toString('utf8')));
      return;
    }
    // A reader may ask for more within the very push.
    this.#isFull = true;
    const wantsMore = this.push(Buffer.from(payload));
    if (wantsMore) this.#isFull = false;
    else if (this.#isFull) this.#socket.pause();
  }

  override _read(): void {
    if (!this.#isFull) return;
    this.#isFull = false;
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    const send = (start: number) => {
      if (start >= chunk.length || !this.#socket.isOpen) return done();
      const part = chunk.subarray(start, start + frameBytes);
      const frame = Buffer.concat([Buffer.of(channel.data), part]);
      // A failed send shows as the socket's close.
      return this.#socket.send(frame, () => send(start + frameBytes));
    };
    send(0);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#stopWatching();
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    // A paused socket would never see the other side's close.
    this.#socket.resume();
    if (error) this.#socket.terminate();
    else this.#socket.close();
    done(error);
  }
}
