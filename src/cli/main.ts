import { asCalled } from './as-called.ts';
import { colorEnvironment } from './color-environment.ts';
import { exitCodes } from './exit-code.ts';
import type { Io } from './io.ts';
import { runProgram } from './program.ts';

// The only place that touches the process: arguments, environment, signals and exit (style rule 18).
const interruption = new AbortController();
const io: Io = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  signal: interruption.signal,
  recovery: undefined,
};

const wordlessMs = 300;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => interrupt(signal));
}
for (const stream of [process.stdout, process.stderr]) {
  // EPIPE: the reader has gone (`| head`). There is nobody to tell, but the Pod must go back.
  stream.on('error', () => interruption.abort(new Error('nobody reads the output any more')));
}
process.on('uncaughtException', (error) => {
  io.stderr.write(`${error.stack}\n`);
  leave('pitstop crashed', exitCodes.failed);
});

// util.styleText goes by the environment and the stream; the flag has the last word.
for (const [name, value] of Object.entries(colorEnvironment(process.argv.slice(2)))) {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

const exitCode = await runProgram(process.argv.slice(2), io);
await Promise.all([process.stdout, process.stderr].map(flush));
process.exit(exitCode);

/** The first signal ends the work in order (the engine restores); the second leaves at once. */
function interrupt(signal: NodeJS.Signals): void {
  if (!interruption.signal.aborted) {
    interruption.abort(new Error(`interrupted by ${signal}`));
    const say = (work: string) =>
      io.stderr.write(`\nInterrupted: ${work} (Ctrl-C again leaves at once)\n`);
    if (io.recovery !== undefined) say('putting the Pod back');
    // What ends at once, as a watch does, needs no words.
    else setTimeout(say, wordlessMs, 'stopping').unref();
    return;
  }
  // A terminal that closes hangs up more than once; that is no impatience.
  if (signal !== 'SIGHUP') leave('left at once', exitCodes.interrupted);
}

/** Out without restoring: says how to recover if there is something to recover. */
function leave(why: string, exitCode: number): never {
  if (io.recovery === undefined) process.exit(exitCode);
  io.stderr.write(
    `\nerror: ${why}, the Pod may still be out\nhint: ${asCalled(io.recovery, io.env)}\n`,
  );
  process.exit(exitCodes.podOut);
}

/** process.exit drops what a pipe has not taken yet. */
function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableEnded) resolve();
    else stream.write('', () => resolve());
  });
}
