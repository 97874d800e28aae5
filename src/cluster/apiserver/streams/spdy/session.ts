import { Duplex } from 'node:stream';
import { keepKnocking } from '../knock.ts';
import { controlFrame, dataHead, FIN, FrameParser, TYPE, type Frame } from './frames.ts';
import { HeaderCodec, type Headers } from './headers.ts';

const MAX_DATA_BYTES = 1 << 20;

/** One SPDY stream: a duplex with the headers it was opened with. */
export class SpdyStream extends Duplex {
  readonly streamId: number;
  readonly headers: Headers;
  /** The client has closed its side. */
  hasEnded = false;
  readonly #session: SpdySession;

  constructor(
    session: SpdySession,
    options: { readonly streamId: number; readonly headers: Headers },
  ) {
    super({ allowHalfOpen: true, readableHighWaterMark: 1 << 20, writableHighWaterMark: 1 << 20 });
    this.#session = session;
    this.streamId = options.streamId;
    this.headers = options.headers;
  }

  header(name: string): string {
    return this.headers.get(name)?.[0] ?? '';
  }

  endInput(): void {
    this.hasEnded = true;
    this.push(null);
  }

  override _read(): void {
    this.#session.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#session.sendData(this.streamId, chunk, done);
  }

  override _final(done: () => void): void {
    this.#session.sendEnd(this.streamId, done);
  }
}

/**
 * The server's side of a SPDY/3.1 connection, raw or inside a WebSocket. Kubernetes' Go clients
 * keep no windows (spdystream), so the connection's own flow control is the only one.
 */
export class SpdySession {
  /** Resolves when the connection is gone, with all its streams. */
  readonly closed: Promise<void>;
  readonly #connection: Duplex;
  readonly #parser = new FrameParser();
  readonly #codec = new HeaderCodec();
  readonly #streams = new Map<number, SpdyStream>();
  #accept: (stream: SpdyStream) => void = () => {};
  #stopKnocking = () => {};
  #queue: Promise<void> = Promise.resolve();

  constructor(connection: Duplex) {
    this.#connection = connection;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    connection.on('error', () => connection.destroy());
    connection.once('end', () => connection.end());
    connection.once('close', () => {
      this.#stopKnocking();
      for (const stream of this.#streams.values()) stream.destroy();
      this.#codec.close();
      resolve();
    });
    connection.on('data', (chunk: Buffer) => {
      // One after another: header blocks are one compressed stream.
      for (const frame of this.#parser.push(chunk))
        this.#queue = this.#queue.then(() => this.#take(frame)).catch(() => this.close());
    });
  }

  /** Calls back with each stream the client opens, from now on. */
  onStream(accept: (stream: SpdyStream) => void): void {
    this.#accept = accept;
  }

  resume(): void {
    this.#stopKnocking();
    this.#connection.resume();
  }

  close(): void {
    this.#connection.destroy();
  }

  /** Ends the connection after what was written has been sent. */
  end(): void {
    this.#connection.end();
  }

  sendData(streamId: number, data: Buffer, done: (error?: Error | null) => void): void {
    for (let at = 0; at < data.length; at += MAX_DATA_BYTES) {
      const part = data.subarray(at, at + MAX_DATA_BYTES);
      const isLast = at + part.length >= data.length;
      this.#connection.write(dataHead(streamId, { flags: 0, length: part.length }));
      this.#connection.write(part, isLast ? (error) => done(error) : undefined);
    }
    if (data.length === 0) done();
  }

  sendEnd(streamId: number, done: () => void): void {
    if (this.#connection.writable)
      this.#connection.write(dataHead(streamId, { flags: FIN, length: 0 }), () => done());
    else done();
  }

  async #take(frame: Frame): Promise<void> {
    if (frame.kind === 'data') return this.#data(frame);
    const { type, flags, payload } = frame;
    if (type === TYPE.synStream) await this.#open(flags, payload);
    else if (type === TYPE.ping) this.#connection.write(controlFrame(TYPE.ping, payload));
    else if (type === TYPE.reset) this.#streams.get(payload.readUInt32BE(0))?.destroy();
    else if (type === TYPE.goAway) this.#connection.end();
    return undefined;
  }

  #data(frame: Extract<Frame, { kind: 'data' }>): void {
    const stream = this.#streams.get(frame.streamId);
    if (!stream || stream.destroyed || stream.hasEnded) return;
    if (frame.payload.length > 0 && !stream.push(frame.payload)) this.#pause(frame.streamId);
    if (frame.flags & FIN) stream.endInput();
  }

  /** spdystream passes over a stream's data of no length, and a ping's answer would wait behind the input. */
  #pause(streamId: number): void {
    this.#connection.pause();
    this.#stopKnocking();
    this.#stopKnocking = keepKnocking(() =>
      this.#connection.write(dataHead(streamId, { flags: 0, length: 0 })),
    );
  }

  async #open(flags: number, payload: Buffer): Promise<void> {
    const streamId = payload.readUInt32BE(0);
    const headers = await this.#codec.decode(payload.subarray(10));
    if (this.#streams.has(streamId)) throw new Error(`stream ${streamId} is open already`);
    const stream = new SpdyStream(this, { streamId, headers });
    stream.on('error', () => {});
    stream.once('close', () => this.#streams.delete(streamId));
    this.#streams.set(streamId, stream);
    const id = Buffer.alloc(4);
    id.writeUInt32BE(streamId);
    const block = await this.#codec.encodeEmpty();
    this.#connection.write(controlFrame(TYPE.synReply, Buffer.concat([id, block])));
    if (flags & FIN) stream.endInput();
    this.#accept(stream);
  }
}
