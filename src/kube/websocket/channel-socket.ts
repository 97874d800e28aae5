import type { Socket } from 'node:net';
import { FrameReader } from './frame-reader.ts';
import { clientFrame, FrameError, opcode } from './frames.ts';
import type { Wire } from './wire.ts';

export interface ChannelListener {
  /**
   * More of a message on a channel (its first byte, which is left out); `bytes` may be empty, and
   * their memory is used again when this returns.
   */
  onBytes(channel: number, bytes: Buffer, isLast: boolean): void;
  /** Once, after all bytes: the code (RFC 6455 §7.4.1; 1006 where there was none), and all of it in words. */
  onClose(code: number, how: string): void;
}

/** How long the other side may take to end a connection that has been closed. */
const goodbyeMs = 1000;

/**
 * A WebSocket whose messages begin with the channel that they belong to, as all streams of Kubernetes
 * do. It begins paused: what comes then is kept, and no more is asked for.
 */
export class ChannelSocket {
  readonly protocol: string;
  /** When the last bytes came, by `performance.now()`. */
  heardAt = performance.now();
  readonly #socket: Socket;
  readonly #reader: FrameReader;
  #listener: ChannelListener | undefined;
  #isPaused = true;
  #isReading = false;
  #kept: Buffer[] = [];
  #channel = -1;
  #hasSaidClose = false;
  /** Nothing that still comes is for anybody. */
  #isOver = false;
  #closing: { readonly code: number; readonly how: string } | undefined;
  #hasToldClose = false;

  constructor(wire: Wire, protocol: string, head: Buffer) {
    this.protocol = protocol;
    this.#socket = wire.socket;
    this.#reader = new FrameReader({
      onPiece: (piece, isFirst, isLast) => this.#onPiece(piece, isFirst, isLast),
      onControl: (code, payload) => this.#onControl(code, payload),
    });
    if (head.length > 0) this.#kept.push(head);
    wire.take = (bytes) => this.#receive(bytes);
    this.#socket
      // Only where the connection is an agent's: what we dialled gives everything to `take`.
      .on('data', (bytes: Buffer) => this.#receive(bytes))
      .on('error', (error) => this.#end(1006, `failed (${error.message})`))
      .on('end', () => this.#end(1006, 'closed (1006)'))
      .on('close', () => this.#end(1006, 'closed (1006)'))
      .pause();
  }

  /** Whom what comes is for; it comes from the first `resume` on. */
  listen(listener: ChannelListener): void {
    this.#listener = listener;
  }

  /** Whether anything can be sent. */
  get isOpen(): boolean {
    return !this.#hasSaidClose && this.#closing === undefined && this.#socket.writable;
  }

  pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#isPaused || !this.#listener) return;
    this.#isPaused = false;
    // Whoever reads just now goes on by itself.
    if (!this.#isReading) {
      const kept = Buffer.concat(this.#kept);
      this.#kept = [];
      this.#read(kept);
      if (this.#isPaused) return;
    }
    this.#socket.resume();
  }

  /** One message; `done` when it is with the kernel, or with why it never will be. */
  send(message: Buffer, done?: (error?: Error | null) => void): void {
    if (this.isOpen) this.#socket.write(clientFrame(opcode.binary, message), done);
    else if (done) process.nextTick(done, new Error('the WebSocket is closed'));
  }

  ping(): void {
    if (this.isOpen) this.#socket.write(clientFrame(opcode.ping, Buffer.alloc(0)));
  }

  /** Closes politely, but lets no unanswered close keep the process alive. */
  close(): void {
    this.#sayClose(1000);
  }

  /** Ends the connection without a word. */
  terminate(): void {
    this.#isOver = true;
    this.#socket.destroy();
  }

  #receive(bytes: Buffer): boolean {
    this.heardAt = performance.now();
    // TLS gives what it has decrypted already, paused or not.
    if (this.#isPaused || this.#isReading) this.#kept.push(Buffer.from(bytes));
    else this.#read(bytes);
    return !this.#isPaused;
  }

  #read(bytes: Buffer): void {
    this.#isReading = true;
    try {
      let at = 0;
      do at += this.#reader.read(bytes.subarray(at));
      while (at < bytes.length && this.#goesOn);
      if (at < bytes.length && !this.#isOver) this.#kept.push(Buffer.from(bytes.subarray(at)));
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#sayClose(error.code);
      this.#isOver = true;
      this.#end(1006, `failed (${error.message})`);
    } finally {
      this.#isReading = false;
    }
    this.#tellClosed();
  }

  get #goesOn(): boolean {
    return !this.#isPaused && !this.#isOver;
  }

  #onPiece(piece: Buffer, isFirst: boolean, isLast: boolean): boolean {
    if (isFirst) this.#channel = piece[0] ?? -1;
    if (this.#channel >= 0) {
      this.#listener?.onBytes(this.#channel, isFirst ? piece.subarray(1) : piece, isLast);
    }
    return this.#goesOn;
  }

  #onControl(code: number, payload: Buffer): void {
    if (code === opcode.ping && this.isOpen) this.#socket.write(clientFrame(opcode.pong, payload));
    if (code !== opcode.close) return;
    const status = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
    const reason = payload.toString('utf8', 2);
    this.#sayClose(status === 1005 ? undefined : status);
    this.#socket.end();
    this.#isOver = true;
    this.#end(status, `closed (${status}${reason ? ` ${reason}` : ''})`);
  }

  #sayClose(code: number | undefined): void {
    if (this.#hasSaidClose) return;
    const payload = code === undefined ? Buffer.alloc(0) : Buffer.of(code >> 8, code & 255);
    if (this.#socket.writable) this.#socket.write(clientFrame(opcode.close, payload));
    this.#hasSaidClose = true;
    const timer = setTimeout(() => this.#socket.destroy(), goodbyeMs);
    timer.unref();
    this.#socket.once('close', () => clearTimeout(timer));
  }

  #end(code: number, how: string): void {
    this.#closing ??= { code, how };
    this.#tellClosed();
  }

  /** After all that came before it. */
  #tellClosed(): void {
    if (!this.#closing || this.#isReading || this.#isPaused || this.#hasToldClose) return;
    this.#hasToldClose = true;
    this.#listener?.onClose(this.#closing.code, this.#closing.how);
  }
}
