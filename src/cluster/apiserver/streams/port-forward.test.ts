import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { servePortForward } from './port-forward.ts';
import type { SpdySession, SpdyStream } from './spdy/session.ts';

test.each(['', 'http', '-1', '65536', 'NaN'])('nobody is asked to dial port %j', async (port) => {
  const stream = (type: string) => {
    const headers: Record<string, string> = { requestid: '1', streamtype: type, port };
    return Object.assign(new PassThrough(), { header: (name: string) => headers[name] ?? '' });
  };
  const [data, error] = [stream('data'), stream('error')];
  const session = {
    closed: Promise.resolve(),
    onStream: (accept: (stream: SpdyStream) => void) => {
      for (const one of [data, error]) accept(one as unknown as SpdyStream);
    },
  };
  // Read before it is served, which reads what the client says on it.
  const said = text(error);
  await servePortForward(session as unknown as SpdySession, () => expect.fail('it was dialled'));
  expect(await said).toContain('this is no port');
});
