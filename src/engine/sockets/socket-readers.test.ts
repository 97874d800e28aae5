import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { endOfAnswer, socketReaders, type SocketReader } from './socket-readers.ts';
import { parseProcNetTcp } from './sockets.ts';

/** What a reader prints when it is asked twice; a reader that is not kept is run twice. */
async function askTwice(command: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
  // A reader that is not kept never looks at it.
  child.stdin.on('error', () => {});
  child.stdin.end('\n\n');
  const [output, [exitCode]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return { answers: output.split(`${endOfAnswer}\n`), exitCode: exitCode as number };
}

async function listen(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

/** Its answers: two of a kept reader, that of all its commands of another. */
async function read(reader: SocketReader): Promise<readonly string[]> {
  if (reader.kept) {
    const { answers, exitCode } = await askTwice(reader.command);
    // Behind the last end of an answer there is nothing.
    return exitCode === 0 ? answers.slice(0, -1) : [];
  }
  const outputs = await Promise.all(reader.commands.map((command) => askTwice(command)));
  return [outputs.map(({ answers }) => answers.join('')).join('')];
}

function isListening(answer: string, port: number): boolean {
  return parseProcNetTcp(answer).some(
    ({ state, localPort }) => state === 'LISTEN' && localPort === port,
  );
}

const isLinux = process.platform === 'linux';

describe.runIf(isLinux)('every reader shows this machine’s own sockets', () => {
  for (const reader of socketReaders) {
    const program = (reader.kept ? reader.command : reader.commands[0])?.[0] ?? '';
    const isHere = spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
    it.skipIf(!isHere)(
      `${reader.name}${isHere ? '' : ` (no ${program} on this machine)`}`,
      async () => {
        const port = await listen();
        const answers = await read(reader);
        expect(answers).toHaveLength(reader.kept ? 2 : 1);
        for (const answer of answers) expect(isListening(answer, port)).toBe(true);
      },
    );
  }

  it('sh alone, without cat', async () => {
    const port = await listen();
    const [reader] = socketReaders;
    const [, ...args] = reader?.kept ? reader.command : [];
    const { answers } = await askTwice(['/bin/sh', ...args], { PATH: '/nowhere' });
    expect(answers).toHaveLength(3);
    expect(parseProcNetTcp(answers[0] ?? '').some(({ localPort }) => localPort === port)).toBe(
      true,
    );
  });
});
