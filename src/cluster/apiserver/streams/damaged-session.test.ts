import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import type { NodeAgent } from '../../api.ts';
import type { ExecFault } from '../../faults/fault.ts';
import { handleStreamUpgrade } from './index.ts';

/** Runs commands as plain processes. */
const agent: Pick<NodeAgent, 'exec'> = {
  exec: (_, { command: [file = '', ...args] }) => {
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    const exit = once(child, 'close').then(([code]) => ({ exitCode: Number(code) }));
    return Promise.resolve({
      stdout: child.stdout,
      exit,
      resize: () => {},
      abandon: () => child.stdout.destroy(),
    });
  },
};

async function execWith(fault: ExecFault | undefined) {
  const pod = {
    metadata: { name: 'box' },
    spec: { nodeName: 'node', containers: [{ name: 'box' }] },
  };
  const server = createServer().listen(0, '127.0.0.1');
  server.on('upgrade', (request, socket, head) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const execFault = () => fault;
    const upgrade = { request, socket, head, url, pod, subresource: 'exec' as const, execFault };
    void handleStreamUpgrade({ ...upgrade, agent: agent as NodeAgent });
  });
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const query = 'stdout=true&command=head&command=-c&command=1000000&command=/dev/zero';
  const socket = new WebSocket(`ws://127.0.0.1:${port}/exec?${query}`, 'v5.channel.k8s.io');
  let bytes = 0;
  let status: string | undefined;
  socket.on('message', (data: Buffer) => {
    if (data[0] === 1) bytes += data.length - 1;
    if (data[0] === 3)
      status = (JSON.parse(data.subarray(1).toString()) as { status: string }).status;
  });
  const [code] = (await once(socket, 'close')) as [number];
  return { bytes, status, code };
}

test('without a fault all arrives', async () => {
  expect(await execWith(undefined)).toEqual({ bytes: 1_000_000, status: 'Success', code: 1000 });
});

test('a truncated stream may still end in Success', async () => {
  expect(await execWith({ kind: 'exec', cutAtByte: 70_000, ending: 'success' })).toEqual({
    bytes: 70_000,
    status: 'Success',
    code: 1000,
  });
});

test('a connection may end without any status', async () => {
  expect(await execWith({ kind: 'exec', cutAtByte: 70_000, ending: 'silent' })).toMatchObject({
    status: undefined,
    code: 1006,
  });
});
