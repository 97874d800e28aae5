import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROUNDS = 5;
const WRITERS = 8;
const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';

interface Acknowledged {
  readonly uid: string;
  readonly value: string | undefined;
}

/** One life of the server, and a client of it. */
class Server implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #port: number;
  readonly #agent: Agent;

  private constructor(child: ChildProcess, { port, ca }: { port: number; ca: string }) {
    this.#child = child;
    this.#port = port;
    this.#agent = new Agent({ ca, keepAlive: true });
  }

  /** `shell` sets limits of the process before it becomes the server. */
  static async start(directory: string, shell = ''): Promise<Server> {
    const script = fileURLToPath(new URL('../support/journal-server.ts', import.meta.url));
    const become = `${shell}\nexec "$0" "$@"`;
    const child = spawn('sh', ['-c', become, process.execPath, script, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    return new Server(child, JSON.parse(line) as { port: number; ca: string });
  }

  /** Status and body; undefined when there was no whole answer. */
  async call(
    method: string,
    path: string,
    body?: object,
  ): Promise<{ status: number; body: any } | undefined> {
    const text = body && JSON.stringify(body);
    const sent = request({
      host: '127.0.0.1',
      port: this.#port,
      agent: this.#agent,
      method,
      path,
      headers: {
        authorization: 'Bearer a-token-for-tests',
        'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
        ...(text && { 'content-length': Buffer.byteLength(text) }),
      },
    });
    try {
      sent.end(text);
      const [response] = await once(sent, 'response');
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      if (!response.complete) return undefined;
      const answer: unknown = JSON.parse(Buffer.concat(chunks).toString());
      return { status: response.statusCode as number, body: answer };
    } catch {
      return undefined;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exit;
  }
}

/** Writes its own three objects again and again until the server is gone; tells what was acknowledged, and what may have been done beyond. */
async function write(
  server: Server,
  writer: number,
  told: { readonly acknowledged: Map<string, Acknowledged>; writes: number },
): Promise<{ name: string; value: string | undefined } | undefined> {
  const { acknowledged } = told;
  for (let n = 0; ; n++) {
    const name = `w${writer}-${n % 3}`;
    const path = `${CONFIGMAPS}/${name}`;
    const value = `${n}-${'x'.repeat(200)}`;
    const known = acknowledged.get(name);
    const isDeletion = known?.value !== undefined && n % 7 === 6;
    const answer = await (known?.value === undefined
      ? server.call('POST', CONFIGMAPS, { metadata: { name }, data: { value } })
      : isDeletion
        ? server.call('DELETE', path)
        : server.call('PATCH', path, { data: { value } }));
    if (!answer) return { name, value: isDeletion ? undefined : value };
    expect(answer.status).toBeLessThan(300);
    const uid: string = isDeletion ? (known?.uid ?? '') : answer.body.metadata.uid;
    acknowledged.set(name, { uid, value: isDeletion ? undefined : value });
    told.writes += 1;
  }
}

it('everything acknowledged is there after kill -9, at any instant', async () => {
  await using given = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'pitstop-journal-'));
  given.defer(() => rm(directory, { recursive: true, force: true }));
  const acknowledged = new Map<string, Acknowledged>();
  const told = { acknowledged, writes: 0 };
  let inDoubt = new Map<string, string | undefined>();
  let newest = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    const server = given.use(await Server.start(directory));
    const list = await server.call('GET', CONFIGMAPS);
    const found = new Map<string, any>(
      list?.body.items.map((item: any) => [item.metadata.name, item]),
    );
    for (const [name, { uid, value }] of acknowledged) {
      const item = found.get(name);
      const isAsAcknowledged = item?.data.value === value && (!item || item.metadata.uid === uid);
      const isAsInDoubt = inDoubt.has(name) && item?.data.value === inDoubt.get(name);
      expect({ name, round, isKept: isAsAcknowledged || isAsInDoubt }).toEqual({
        name,
        round,
        isKept: true,
      });
    }
    const revision = Number(list?.body.metadata.resourceVersion);
    expect(revision).toBeGreaterThanOrEqual(newest);
    // What was in doubt is decided now.
    for (const name of inDoubt.keys()) {
      const item = found.get(name);
      acknowledged.set(name, { uid: item?.metadata.uid ?? '', value: item?.data.value });
    }
    const lost = Promise.all(
      Array.from({ length: WRITERS }, (_, writer) => write(server, writer, told)),
    );
    const before = told.writes;
    await expect.poll(() => told.writes - before).toBeGreaterThan(20);
    await delay(Math.random() * 600);
    const last = await server.call('GET', CONFIGMAPS);
    newest = Number(last?.body.metadata.resourceVersion);
    await server[Symbol.asyncDispose]();
    inDoubt = new Map((await lost).flatMap((one) => (one ? [[one.name, one.value]] : [])));
  }
});

it('a disk that takes no more is told to the client, and what was acknowledged before is kept', async () => {
  await using given = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'pitstop-journal-'));
  given.defer(() => rm(directory, { recursive: true, force: true }));
  // In blocks of 512 bytes: the cluster's own objects fit, and some of ours.
  const full = given.use(await Server.start(directory, 'ulimit -f 400'));
  const acknowledged: string[] = [];
  let refused: { status: number; body: any } | undefined;
  for (let n = 0; n < 200 && !refused; n++) {
    const body = { metadata: { name: `c-${n}` }, data: { value: 'x'.repeat(2000) } };
    const answer = await full.call('POST', CONFIGMAPS, body);
    if (answer?.status === 201) acknowledged.push(`c-${n}`);
    else refused = answer;
  }
  expect(refused?.status).toBe(500);
  expect(refused?.body.message).toMatch(
    /^the journal \S+journal-\d+\.ndjson cannot be written \(EFBIG.*\): nothing more is accepted\. Make room/,
  );
  expect((await full.call('GET', CONFIGMAPS))?.status).toBe(500);
  await full[Symbol.asyncDispose]();
  const again = given.use(await Server.start(directory));
  const list = await again.call('GET', CONFIGMAPS);
  expect(list?.body.items.map((item: any) => item.metadata.name)).toEqual(
    expect.arrayContaining(acknowledged),
  );
  expect(acknowledged.length).toBeGreaterThan(0);
});
