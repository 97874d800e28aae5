import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type NetConnectOpts } from 'node:net';
import { text } from 'node:stream/consumers';

// What the programs of the tests in namespaces use: Pods without a kubelet.

/** A process in a network namespace of its own. */
export async function sandbox(): Promise<ChildProcess> {
  const child = spawn('unshare', ['--net', 'sh', '-c', 'echo; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

/** What a Node.js program wrote that ran in a Pod, to its end. */
export async function inPod(
  pod: ChildProcess,
  code: string,
  ...args: readonly string[]
): Promise<string> {
  const child = nodeIn(pod, code, args);
  const [said] = await Promise.all([text(child.stdout!), once(child, 'exit')]);
  return said.trim();
}

/** Starts a program in a Pod that writes a line when it is up, and goes on. */
export async function startInPod(
  pod: ChildProcess,
  code: string,
  ...args: readonly string[]
): Promise<ChildProcess> {
  const child = nodeIn(pod, code, args);
  await once(child.stdout!, 'data');
  return child;
}

function nodeIn(pod: ChildProcess, code: string, args: readonly string[]): ChildProcess {
  return spawn(
    'nsenter',
    ['--target', String(pod.pid), '--net', process.execPath, '-e', code, ...args],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
}

/** What a server says that speaks first. */
export async function read(options: NetConnectOpts): Promise<string> {
  return await text(connect(options));
}
