import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { ExecSession } from '../../api.ts';
import type { ExecFault } from '../../faults/fault.ts';

/** An exec whose stdout goes wrong at a byte, as broken proxies and early closes make it go wrong. */
export function damaged(
  session: ExecSession,
  fault: ExecFault,
  breakConnection: () => void,
): ExecSession {
  const { stdout } = session;
  if (!stdout) return session;
  const end = Promise.withResolvers<{ readonly exitCode: number }>();
  const left = Readable.from(pass(stdout, fault), { objectMode: false });
  left.once('end', () => {
    if (fault.ending === 'stall') return void session.exit.then(end.resolve, end.reject);
    session.abandon();
    if (fault.ending === 'success') end.resolve({ exitCode: 0 });
    else setImmediate(breakConnection);
  });
  return { ...session, stdout: left, exit: end.promise };
}

async function* pass(
  source: Readable,
  { cutAtByte, ending, stallMs = 0 }: ExecFault,
): AsyncGenerator<Buffer> {
  let left = cutAtByte;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    if (left > 0) yield chunk.subarray(0, left);
    const rest = chunk.subarray(Math.max(left, 0));
    const isReached = left >= 0 && chunk.length >= left;
    left -= chunk.length;
    if (isReached && ending !== 'stall') return;
    if (isReached) await delay(stallMs);
    if (left < 0) yield rest;
  }
}
