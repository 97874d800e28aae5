import { request } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { json } from 'node:stream/consumers';
import { WebSocket } from 'ws';
import { PitstopError } from '../../errors.ts';
import type { InspectorAddress } from './flags.ts';
import type { InspectorCall } from './inspector-work.ts';

/** A new connection to the inspector's port each time. */
export type Dial = () => Promise<Duplex>;

/** A session with a process's inspector. */
export interface Inspector extends Disposable {
  /** Throws `diagnostic-failed` when the process refuses, or closes its inspector. */
  call(call: InspectorCall): Promise<Readonly<Record<string, unknown>>>;
  /** What a `Runtime.evaluate` answers; a thrown exception is thrown here, with its own words. */
  evaluate(call: InspectorCall): Promise<unknown>;
  /** Chunks of a heap snapshot, until `done` settles; a slow reader holds the process back. */
  chunks(done: Promise<unknown>): AsyncIterable<Buffer>;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly chunk?: string };
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message?: string };
}

/** A V8 profile comes as one message, which for minutes of a large program are many megabytes. */
const maxMessageBytes = 512 * 2 ** 20;
const heldChunks = 256;

/** The address of the inspector's WebSocket; undefined where no inspector answers. */
export async function inspectorUrl(
  dial: Dial,
  { port }: InspectorAddress,
): Promise<string | undefined> {
  try {
    const stream = await dial();
    using _limit = destroyLater(stream);
    // Node's inspector does not close a connection that it was asked to close.
    using _end = { [Symbol.dispose]: () => void stream.destroy() };
    const answer = await new Promise<unknown>((resolve, reject) => {
      const asked = request(
        {
          path: '/json/list',
          headers: { Host: `127.0.0.1:${port}`, Connection: 'close' },
          createConnection: () => stream,
        },
        (response) => void json(response).then(resolve, reject),
      );
      asked.on('error', reject).end();
    });
    const [first] = answer as readonly { readonly webSocketDebuggerUrl?: string }[];
    return first?.webSocketDebuggerUrl;
  } catch {
    return undefined;
  }
}

const answersInMs = 15_000;

/** A forwarded port has no timeouts of its own, as node:http and ws expect of a socket. */
function destroyLater(stream: Duplex): Disposable {
  const timer = setTimeout(() => stream.destroy(failed('it does not answer')), answersInMs);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}

/** Opens a session; throws when the inspector refuses. */
export async function openInspector(dial: Dial, url: string): Promise<Inspector> {
  const stream = await dial();
  using _limit = destroyLater(stream);
  const socket = new WebSocket(url, {
    createConnection: () => stream as Socket,
    perMessageDeflate: false,
    maxPayload: maxMessageBytes,
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve).once('error', reject);
  });
  return session(socket);
}

function session(socket: WebSocket): Inspector {
  const waiting = new Map<
    number,
    { resolve: (result: NonNullable<Message['result']>) => void; reject: (error: Error) => void }
  >();
  let nextId = 1;
  let chunks: Buffer[] = [];
  let wake = () => {};
  let lost: Error | undefined;

  socket.on('message', (data: Buffer) => {
    const { id, method, params, result, error } = JSON.parse(data.toString('utf8')) as Message;
    if (method === 'HeapProfiler.addHeapSnapshotChunk') {
      chunks.push(Buffer.from(params?.chunk ?? ''));
      if (chunks.length > heldChunks) socket.pause();
      wake();
    }
    const call = id === undefined ? undefined : waiting.get(id);
    if (id === undefined || !call) return;
    waiting.delete(id);
    if (error) call.reject(failed(error.message ?? 'no reason given'));
    else call.resolve(result ?? {});
  });
  socket.on('error', (error) => {
    lost = error;
  });
  socket.on('close', () => {
    lost = failed('the process closed its inspector: did it end, or run out of memory?', lost);
    for (const { reject } of waiting.values()) reject(lost);
    waiting.clear();
  });

  const call: Inspector['call'] = ({ method, params = {} }) =>
    new Promise((resolve, reject) => {
      if (socket.readyState !== WebSocket.OPEN) return reject(lost ?? failed('it is closed'));
      const id = nextId++;
      waiting.set(id, { resolve, reject });
      return socket.send(JSON.stringify({ id, method, params }));
    });

  return {
    call,
    async evaluate(expression) {
      const { result, exceptionDetails } = (await call(expression)) as {
        readonly result?: { readonly value?: unknown };
        readonly exceptionDetails?: { readonly exception?: { readonly description?: string } };
      };
      if (!exceptionDetails) return result?.value;
      throw failed(exceptionDetails.exception?.description?.split('\n')[0] ?? 'it threw');
    },
    async *chunks(done) {
      let isDone = false;
      const end = () => {
        isDone = true;
        wake();
      };
      done.then(end, end);
      for (;;) {
        const taken = chunks;
        chunks = [];
        socket.resume();
        yield* taken;
        if (chunks.length > 0) continue;
        if (isDone) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    [Symbol.dispose]: () => socket.terminate(),
  };
}

function failed(message: string, cause?: unknown): PitstopError {
  return new PitstopError('diagnostic-failed', `the inspector: ${message}`, { cause });
}
