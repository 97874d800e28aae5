import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasTools } from '../../../../test/support/tools.ts';
import { fetchScript, probeScript } from './fetch-script.ts';

const binary = Buffer.from([0x1f, 0x8b, 0, 10, 13, 255, 0, 0, 10]);

const server = createServer((request, response) => {
  if (request.url === '/debug/pprof/') response.end('<a>goroutine</a>');
  else if (request.url === '/debug/pprof/heap?gc=1') response.end(binary);
  else response.writeHead(500).end('Could not enable CPU profiling');
});
let port = '';
let folder = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = String((server.address() as AddressInfo).port);
  folder = mkdtempSync(join(tmpdir(), 'fetch-script-'));
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

async function run(script: string, args: readonly string[], tools?: readonly string[]) {
  const path = tools ? onlyWith(tools) : process.env['PATH'];
  // A proxy that is there must not be asked.
  const env = { PATH: path, http_proxy: 'http://127.0.0.1:1', HTTP_PROXY: 'http://127.0.0.1:1' };
  const { stdout } = await promisify(execFile)('/bin/sh', ['-c', script, 'sh', ...args], {
    env,
    encoding: 'buffer',
  });
  return stdout;
}

/** A PATH with these programs and what any shell script needs. */
function onlyWith(tools: readonly string[]): string {
  const directory = mkdtempSync(join(folder, 'bin-'));
  for (const tool of [...tools, 'sh', 'cat', 'grep', 'printf']) {
    symlinkSync(whereIs(tool), join(directory, tool));
  }
  return directory;
}

function whereIs(tool: string): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = folders.map((each) => join(each, tool)).find((path) => existsSync(path));
  if (!found) throw new Error(`there is no ${tool}`);
  return found;
}

describe.each(['curl', 'wget', 'bash'])('with %s', (tool) => {
  test.runIf(hasTools(tool))('the index page is found, past a port without one', async () => {
    const probed = await run(
      probeScript,
      ['/debug/pprof', '127.0.0.1', '1', '127.0.0.1', port],
      [tool],
    );
    expect(probed.toString()).toBe(`${tool} http 127.0.0.1 ${port}\n`);
  });

  test.runIf(hasTools(tool))('a page comes byte for byte', async () => {
    const args = [tool, 'http', '127.0.0.1', port, '/debug/pprof/heap?gc=1', '10'];
    expect((await run(fetchScript, args)).equals(binary)).toBe(true);
  });

  test.runIf(hasTools(tool))('a refusal comes with its words', async () => {
    const args = [tool, 'http', '127.0.0.1', port, '/debug/pprof/profile', '10'];
    const said = await run(fetchScript, args).catch((error: { stdout: Buffer }) => error.stdout);
    expect(said.toString()).toContain('Could not enable CPU profiling');
  });
});

test('where no port has it, the tool is told all the same', async () => {
  const tool = ['curl', 'wget', 'bash'].find((name) => hasTools(name)) ?? '';
  const probed = await run(probeScript, ['/elsewhere', '127.0.0.1', port], [tool]);
  expect(probed.toString()).toBe(`none ${tool}\n`);
});

test('without a tool nothing is said', async () => {
  expect((await run(probeScript, ['/debug/pprof', '127.0.0.1', port], [])).toString()).toBe('');
});
