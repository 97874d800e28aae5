import { spawn, type ChildProcess } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { exitOf } from './exit-status.ts';
import { hostTool } from './find-command.ts';

const IDLE_MS = 60_000;

/**
 * Opens connections to `127.0.0.1` inside a Pod's network namespace. A process belongs to one
 * network namespace, so a small helper runs in the Pod's; it is started at the first connection,
 * reached over a unix socket (those are files, not network), and ends when unused for a minute.
 */
export class PodRelay implements AsyncDisposable {
  readonly #pid: number;
  readonly #directory: string;
  #helper: { readonly process: ChildProcess; readonly ready: Promise<void> } | undefined;

  constructor(options: { readonly pid: number; readonly directory: string }) {
    this.#pid = options.pid;
    this.#directory = options.directory;
  }

  /** Rejects with the dial's error (`ECONNREFUSED` …) when nothing listens on the port. */
  async connect(port: number): Promise<Socket> {
    this.#helper ??= this.#start();
    const { process: helper, ready } = this.#helper;
    await ready;
    // Through /proc: a socket's path has 107 bytes at most, and the Pod's directory may lie deep.
    const path = `/proc/${helper.pid}/cwd/relay.sock`;
    const socket = connect({ path, allowHalfOpen: true });
    socket.write(`${port}\n`);
    const { promise, resolve, reject } = Promise.withResolvers<Socket>();
    socket.once('error', reject);
    socket.once('close', () => reject(new Error(`the Pod's relay ended`)));
    socket.once('readable', () => {
      const answer = String(socket.read(1) ?? '');
      if (answer === '+') resolve(socket);
      else socket.once('data', (code: Buffer) => reject(dialError(port, String(code))));
    });
    // Half open, it would stay so on both sides.
    promise.catch(() => socket.destroy());
    return promise;
  }

  #start(): { readonly process: ChildProcess; readonly ready: Promise<void> } {
    const child = spawn(
      hostTool('nsenter'),
      [`--net=/proc/${this.#pid}/ns/net`, '--', process.execPath, '--eval', HELPER],
      {
        stdio: ['ignore', 'pipe', 'ignore'],
        cwd: this.#directory,
        env: { ...process.env, RELAY_IDLE_MS: `${IDLE_MS}` },
      },
    );
    const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
    child.stdout.once('data', () => resolve());
    child.once('error', reject);
    child.once('exit', () => {
      this.#helper = undefined;
      reject(new Error(`the Pod's relay could not start`));
    });
    return { process: child, ready };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const helper = this.#helper;
    if (!helper) return;
    const exit = exitOf(helper.process);
    helper.process.kill('SIGKILL');
    await exit;
  }
}

/** The words of a failed dial to the Pod's own 127.0.0.1. */
export function dialError(port: number, code: string): Error {
  const why = code === 'ECONNREFUSED' ? 'connection refused' : code;
  return Object.assign(new Error(`dial tcp4 127.0.0.1:${port}: connect: ${why}`), { code });
}

/** Runs in the Pod's network namespace: "PORT\n" in, "+" and the bytes, or "-CODE" out. */
const HELPER = `
const net = require('node:net'), fs = require('node:fs');
const path = 'relay.sock';
fs.rmSync(path, { force: true });
let open = 0, idle;
const rest = () => { idle = setTimeout(() => process.exit(0), Number(process.env.RELAY_IDLE_MS)); };
net.createServer({ allowHalfOpen: true, pauseOnConnect: false }, (client) => {
  open++; clearTimeout(idle);
  client.on('error', () => {}).on('close', () => { if (--open === 0) rest(); });
  let head = Buffer.alloc(0);
  const read = (chunk) => {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf(10);
    if (end < 0) return;
    client.off('data', read).pause();
    const target = net.connect({ host: '127.0.0.1', port: Number(head.subarray(0, end)), allowHalfOpen: true });
    target.once('connect', () => {
      client.write('+');
      if (end + 1 < head.length) target.write(head.subarray(end + 1));
      client.pipe(target); target.pipe(client);
    });
    let connected = false;
    target.once('connect', () => { connected = true; });
    target.on('error', (error) => connected ? client.destroy() : client.end('-' + (error.code || 'ERROR')));
    client.on('close', () => target.destroy());
  };
  client.on('data', read);
}).listen(path, () => { console.log('ready'); rest(); });
`;
