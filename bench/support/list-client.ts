import { Agent, get } from 'node:https';
import process from 'node:process';

// A client in a process of its own, so that it takes no time from the server: asks for what comes in
// by message, and tells how long the first byte and the whole took.
interface Order {
  readonly port: number;
  readonly ca: string;
  readonly path: string;
  readonly accept: string;
}

let agent: Agent | undefined;

process.on('message', ({ port, ca, path, accept }: Order) => {
  agent ??= new Agent({ ca, keepAlive: true });
  const headers = { authorization: 'Bearer bench', accept };
  const start = performance.now();
  get({ host: '127.0.0.1', port, path, agent, headers }, (response) => {
    let bytes = 0;
    let firstByteMs = 0;
    response.on('data', (chunk: Buffer) => {
      firstByteMs ||= performance.now() - start;
      bytes += chunk.length;
    });
    response.once('end', () => {
      process.send?.({ bytes, firstByteMs, totalMs: performance.now() - start });
    });
  });
});
