import { Writable } from 'node:stream';
import { KubeError } from './errors.ts';
import { exec } from './exec.ts';
import type { Connection } from './kubeconfig.ts';
import type { ExecOutput, Kube } from './types.ts';

const defaultMaxBytes = 1024 * 1024;

/** `Kube.execText`: exec with its output collected as text. */
export async function execText(
  connection: Connection,
  options: Parameters<Kube['execText']>[0],
): Promise<ExecOutput> {
  const { maxBytes = defaultMaxBytes, ...rest } = options;
  const stdout = collector(maxBytes, options.command);
  const stderr = collector(maxBytes, options.command);
  const { exitCode } = await exec(connection, {
    ...rest,
    stdout: stdout.stream,
    stderr: stderr.stream,
  });
  return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
}

function collector(maxBytes: number, command: readonly string[]) {
  const chunks: Buffer[] = [];
  let size = 0;
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      if (size <= maxBytes) {
        // ws hands out slices of a 64 KiB read buffer: keep the bytes, not the buffer.
        chunks.push(Buffer.from(chunk));
        done();
        return;
      }
      done(
        new KubeError('exec-output-too-large', `${command[0]} wrote more than ${maxBytes} bytes`),
      );
    },
  });
  // The error reaches the caller through exec; a stream without a listener would end the process.
  stream.on('error', () => {});
  return { stream, text: () => Buffer.concat(chunks).toString('utf8') };
}
