import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocketServer, type WebSocket } from 'ws';

/** How the next exec streams go wrong; one entry per stream, in their order. */
export interface StreamFault {
  /** After so many bytes of stdout: `cut` closes without a status, `truncate` says Success, `flip` changes a byte. */
  readonly afterBytes: number;
  readonly kind: 'cut' | 'truncate' | 'flip';
}

export interface ExecServer extends AsyncDisposable {
  readonly url: string;
  readonly kubeconfig: string;
  /** Applied to streams of commands that contain `match`. */
  readonly faults: { match: string; list: StreamFault[] };
  /** Commands that were run, first word of each script left out. */
  readonly commands: string[][];
  pod: unknown;
  /** Kills what still runs of the commands. */
  cutAll(): void;
}

/**
 * An API server's exec endpoint and nothing else: each command runs as a process of this machine,
 * behind `prefix` (nsenter …).
 * For what the embedded cluster cannot do to a stream: break it at a chosen byte.
 */
export async function startExecServer(
  options: {
    protocols?: readonly string[];
    prefix?: readonly string[];
    /** All the programs there are. */
    only?: readonly string[];
  } = {},
): Promise<ExecServer> {
  const { protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'], prefix = [], only } = options;
  const folder = await mkdtemp(join(tmpdir(), 'exec-server-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const faults: ExecServer['faults'] = { match: '', list: [] };
  const commands: string[][] = [];
  const http = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(server.pod));
  });
  const sockets = new WebSocketServer({
    server: http,
    perMessageDeflate: false,
    handleProtocols: (offered) => protocols.find((name) => offered.has(name)) ?? false,
  });
  sockets.on('connection', (socket, request) => {
    const command = new URL(request.url ?? '', 'http://x').searchParams.getAll('command');
    commands.push(command);
    if (only && !only.includes(command[0] ?? '')) command[0] = `/nowhere/${command[0]}`;
    const isHit = faults.match !== '' && command.some((word) => word.includes(faults.match));
    serve(socket, [...prefix, ...command], isHit ? faults.list.shift() : undefined);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  await writeFile(
    kubeconfig,
    JSON.stringify({
      'current-context': 'test',
      clusters: [{ name: 'test', cluster: { server: url } }],
      users: [{ name: 'tester', user: { token: 'secret' } }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'tester', namespace: 'shop' } }],
    }),
  );
  const server: ExecServer = {
    url,
    kubeconfig,
    faults,
    commands,
    pod: { metadata: { name: 'web', uid: '1' }, spec: { containers: [{ name: 'app' }] } },
    cutAll: () => sockets.clients.forEach((socket) => socket.terminate()),
    async [Symbol.asyncDispose]() {
      server.cutAll();
      sockets.close();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      await rm(folder, { recursive: true });
    },
  };
  return server;
}

function serve(
  socket: WebSocket,
  [program = '', ...args]: readonly string[],
  fault: StreamFault | undefined,
): void {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let sent = 0;
  const send = (channel: number, payload: Buffer) => {
    if (socket.readyState === socket.OPEN)
      socket.send(Buffer.concat([Buffer.of(channel), payload]));
  };
  send(1, Buffer.alloc(0));
  child.stdout.on('data', (chunk: Buffer) => {
    if (fault && sent + chunk.length > fault.afterBytes && sent <= fault.afterBytes) {
      const part = Buffer.from(chunk);
      const at = fault.afterBytes - sent;
      if (fault.kind === 'flip') part[at] = (part[at] ?? 0) ^ 1;
      send(1, fault.kind === 'flip' ? part : part.subarray(0, at));
      if (fault.kind === 'truncate') {
        send(3, Buffer.from('{"metadata":{},"status":"Success"}'));
        socket.close(1000);
      } else if (fault.kind === 'cut') socket.terminate();
      if (fault.kind !== 'flip') child.stdout.removeAllListeners('data');
    } else {
      send(1, chunk);
    }
    sent += chunk.length;
    if (socket.bufferedAmount > 4_000_000) {
      child.stdout.pause();
      const timer = setInterval(() => {
        if (socket.bufferedAmount > 1_000_000) return;
        clearInterval(timer);
        child.stdout.resume();
      }, 1);
    }
  });
  child.stderr.on('data', (chunk: Buffer) => send(2, chunk));
  child.stdin.on('error', () => {});
  child.on('error', (error) => {
    send(
      3,
      Buffer.from(
        JSON.stringify({
          status: 'Failure',
          message: `exec: "${program}": executable file not found in $PATH: ${error.message}`,
          reason: 'InternalError',
        }),
      ),
    );
    socket.close(1000);
  });
  child.on('close', (code) => {
    const failure = {
      metadata: {},
      status: 'Failure',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
    };
    send(
      3,
      Buffer.from(code === 0 ? '{"metadata":{},"status":"Success"}' : JSON.stringify(failure)),
    );
    socket.close(1000);
  });
  socket.on('message', (data: Buffer) => {
    if (data[0] === 0) child.stdin.write(data.subarray(1));
    else if (data[0] === 255) child.stdin.end();
  });
  // As containerd does: the streams go, the process stays.
  socket.on('close', () => {
    child.stdin.destroy();
    child.stdout.destroy();
    child.stderr.destroy();
  });
}
