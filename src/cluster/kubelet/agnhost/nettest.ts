import { createServer } from 'node:http';
import { hostname } from 'node:os';
import { readFlags } from './flags.ts';
import { listenAddress, say } from './listen-address.ts';

/** Counts who has written to it: `/write` takes `{"Source": name}`, `/read` tells all. */
export function nettest(args: readonly string[]): void {
  const port = readFlags(args).number('port', 8080);
  const received: Record<string, number> = {};
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0];
    if (path === '/read' || path === '/status') {
      const state = { Hostname: hostname(), Sent: {}, Received: received, Errors: [], Log: [] };
      response.end(path === '/status' ? 'running' : JSON.stringify(state));
      return;
    }
    if (path === '/quit') process.exit(0);
    if (path !== '/write') {
      response.writeHead(404).end();
      return;
    }
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.once('end', () => {
      const source = sourceOf(body);
      if (source !== undefined) received[source] = (received[source] ?? 0) + 1;
      response
        .writeHead(source === undefined ? 400 : 200)
        .end(JSON.stringify({ Hostname: hostname() }));
    });
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(0));
  server.listen({ ...listenAddress(), port }, () => say(`listening on port ${port}`));
}

function sourceOf(body: string): string | undefined {
  try {
    const { Source } = JSON.parse(body) as { Source?: unknown };
    return typeof Source === 'string' ? Source : undefined;
  } catch {
    return undefined;
  }
}
