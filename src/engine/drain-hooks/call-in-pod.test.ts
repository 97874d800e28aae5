import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { httpScript, noHttpTool } from './call-in-pod.ts';

function whereIs(name: string): string | undefined {
  const directories = (process.env['PATH'] ?? '').split(delimiter);
  return directories.map((directory) => join(directory, name)).find((path) => existsSync(path));
}

/** A server that remembers what it was asked, and refuses `/broken`. */
async function listen() {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      asked.push(`${request.method} ${request.url} ${body}`.trim());
      response.statusCode = request.url === '/broken' ? 503 : 200;
      response.end('done\n');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { asked, url: `http://127.0.0.1:${port}` };
}

/** Runs the script where only `tool` is on the PATH. */
async function send(tool: string | undefined, args: readonly string[]): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'pitstop-path-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const target = tool && whereIs(tool);
  if (tool && target) {
    // Itself it may be a script that wants the whole PATH.
    const script = `#!/bin/sh\nPATH='${process.env['PATH']}' exec '${target}' "$@"\n`;
    await writeFile(join(directory, tool), script, { mode: 0o755 });
  }
  const child = spawn('/bin/sh', ['-c', httpScript, 'pitstop-exec', ...args], {
    env: { PATH: directory },
    stdio: 'ignore',
  });
  const [exitCode] = (await once(child, 'exit')) as [number];
  return exitCode;
}

describe.each(['curl', 'wget', 'python3', 'node', 'bash'])('with %s alone', (tool) => {
  const isHere = whereIs(tool) !== undefined;
  it.skipIf(!isHere)(
    `sends GET, POST and a body, and fails with the server${isHere ? '' : ` (no ${tool} on this machine)`}`,
    async () => {
      const { asked, url } = await listen();
      const codes = [
        await send(tool, ['GET', `${url}/status`, '']),
        await send(tool, ['POST', `${url}/drain?now=1`, '']),
        await send(tool, ['POST', `${url}/state`, '{"state":"OFF"}']),
      ];
      expect(codes).toEqual([0, 0, 0]);
      expect(asked).toEqual(['GET /status', 'POST /drain?now=1', 'POST /state {"state":"OFF"}']);
      expect(await send(tool, ['POST', `${url}/broken`, ''])).not.toBe(0);
      expect(await send(tool, ['POST', 'http://127.0.0.1:1/', ''])).not.toBe(0);
    },
  );
});

it('says when there is nothing to send with', async () => {
  expect(await send(undefined, ['GET', 'http://127.0.0.1:1/', ''])).toBe(noHttpTool);
});
