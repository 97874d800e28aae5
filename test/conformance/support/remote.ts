import { PassThrough } from 'node:stream';
import { Exec, type V1Status } from '@kubernetes/client-node';
import { WebSocket } from 'ws';
import type { Api } from './api.ts';

/** A container of a Pod. */
export interface Target {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** Runs a command in a container and returns what it printed; rejects when it fails. */
export async function exec(
  api: Api,
  target: Target,
  command: readonly string[],
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const { namespace, pod, container } = target;
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const printed = Promise.all([collect(stdout), collect(stderr)]);
  const { promise, resolve, reject } = Promise.withResolvers<V1Status>();
  const socket = await new Exec(api.config).exec(
    namespace,
    pod,
    container,
    [...command],
    stdout,
    stderr,
    null,
    false,
    resolve,
  );
  socket.on('close', () => reject(new Error(`exec in ${pod} ended without a status`)));
  const status = await promise;
  socket.close();
  stdout.end();
  stderr.end();
  const [out, err] = await printed;
  if (status.status !== 'Success') {
    throw new Error(`${command.join(' ')} in ${pod}: ${status.message}\n${out}${err}`);
  }
  return { stdout: out, stderr: err };
}

/** Every message of a WebSocket to the API server, until it closes. */
export async function messagesOf(
  api: Api,
  path: string,
  protocols: readonly string[],
): Promise<readonly Buffer[]> {
  const options = {};
  await api.config.applyToHTTPSOptions(options);
  const server = api.config.getCurrentCluster()!.server.replace(/^http/, 'ws');
  const socket = new WebSocket(`${server}${path}`, [...protocols], options);
  const messages: Buffer[] = [];
  socket.on('message', (data: Buffer) => messages.push(data));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.on('close', () => resolve()).on('error', reject);
  const timer = setTimeout(() => socket.terminate(), 60_000);
  await promise;
  clearTimeout(timer);
  return messages;
}

async function collect(stream: PassThrough): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}
