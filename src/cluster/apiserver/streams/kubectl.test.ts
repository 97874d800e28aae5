import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { TestNode } from '../../kubelet/test-node.ts';

// 1.27 speaks SPDY only, 1.30 is the first with WebSocket for exec, 1.31 the first for port-forward.
const candidates = ['1.27', '1.29', '1.30', '1.31', '1.33'].map(
  (version) => `/usr/lib/google-cloud-sdk/bin/kubectl.${version}`,
);
const kubectls = [...candidates.filter((path) => existsSync(path)), 'kubectl'].filter(
  (binary) => spawnSync(binary, ['version', '--client'], { stdio: 'ignore' }).status === 0,
);

const node = TestNode.use('loopback');

describe.each(kubectls)('%s', (binary) => {
  beforeAll(async () => {
    if (await node.pod('box').catch(() => undefined)) return;
    const server = `require('http').createServer((_, r) => r.end('hello')).listen(8080, process.env.POD_IP)`;
    const readinessProbe = { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 };
    await node.run('box', {
      containers: [{ name: 'box', image: 'host', command: ['node', '-e', server], readinessProbe }],
    });
    await node.ready('box');
  });

  const run = (args: readonly string[], input?: Buffer) =>
    start(binary, { args: ['--kubeconfig', node.kubeconfig, ...args], input });

  it('runs a command and passes its exit code on', async () => {
    const { status, stdout, stderr } = run([
      'exec',
      'box',
      '--',
      'sh',
      '-c',
      'echo out; echo err >&2; exit 3',
    ]);
    expect(await status).toBe(3);
    expect((await stdout).toString()).toBe('out\n');
    expect(await stderr).toBe('err\ncommand terminated with exit code 3\n');
  });

  it('sends three megabytes in and gets them back', async () => {
    const input = randomBytes(3_000_000);
    const { status, stdout } = run(['exec', '-i', 'box', '--', 'cat'], input);
    expect(await status).toBe(0);
    expect((await stdout).equals(input)).toBe(true);
  });

  it('forwards a port, without a second try', async () => {
    const child = spawn(binary, [
      '-v=4',
      '--kubeconfig',
      node.kubeconfig,
      'port-forward',
      '--address=127.0.0.1',
      'pod/box',
      ':8080',
    ]);
    try {
      let said = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
      let trouble = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (trouble += text));
      await expect.poll(() => said, { timeout: 30_000 }).toMatch(/127\.0\.0\.1:\d+ ->/);
      const port = /127\.0\.0\.1:(\d+)/.exec(said)?.[1];
      for (let i = 0; i < 3; i += 1)
        expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('hello');
      expect(trouble).not.toContain('fallback');
    } finally {
      child.kill();
    }
  });
});

function start(
  binary: string,
  { args, input }: { readonly args: readonly string[]; readonly input: Buffer | undefined },
) {
  const child = spawn(binary, args, { stdio: 'pipe' });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const collect = async (stream: AsyncIterable<Buffer>) => {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    return Buffer.concat(chunks);
  };
  const { promise: status, resolve } = Promise.withResolvers<number | null>();
  child.once('close', resolve);
  return {
    status,
    stdout: collect(child.stdout),
    stderr: collect(child.stderr).then((bytes) =>
      bytes.toString().replace(/^Defaulted container.*\n/, ''),
    ),
  };
}
