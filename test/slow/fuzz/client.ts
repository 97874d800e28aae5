import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { connect, type TLSSocket } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import type { FuzzRequest } from './grammar.ts';
import type { FuzzAnswer } from './verdict.ts';

/** No answer may take longer to begin or to end. */
const PATIENCE_MS = 30_000;

export interface Access {
  readonly server: string;
  readonly ca: string;
  readonly token: string;
}

export class FuzzClient {
  readonly access: Access;
  readonly #agent: Agent;

  constructor(access: Access) {
    this.access = access;
    this.#agent = new Agent({ ca: access.ca, keepAlive: true, maxSockets: 24 });
  }

  /** Asks with the admin's token, or with `authorization` instead. Rejects when the answer never ends. */
  async ask(
    asked: FuzzRequest,
    authorization: string | undefined = `Bearer ${this.access.token}`,
  ): Promise<FuzzAnswer> {
    const { port, hostname } = new URL(this.access.server);
    const isStream = /[?&](?:watch|follow)=/.test(asked.path) || asked.path.includes('/watch/');
    const sent = request({
      host: hostname,
      port,
      method: asked.method,
      path: asked.path,
      agent: this.#agent,
      headers: {
        ...asked.headers,
        ...(authorization !== '' && { authorization }),
        ...(asked.body && { 'content-length': asked.body.length }),
      },
    });
    sent.on('error', () => {});
    const timeout = setTimeout(
      () => sent.destroy(new Error(`no end of an answer in ${PATIENCE_MS} ms`)),
      PATIENCE_MS,
    );
    try {
      const begun = Promise.race([once(sent, 'response'), once(sent, 'upgrade')]);
      sent.end(asked.body);
      const [response] = (await begun) as [IncomingMessage];
      const { statusCode: status = 0, headers } = response;
      const answered = { status, contentType: headers['content-type'] ?? '' };
      if (status === 101) {
        response.socket.destroy();
        return { ...answered, text: '', isLeft: true };
      }
      if (isStream && status === 200) {
        response.destroy();
        return { ...answered, text: '', isLeft: true };
      }
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      const bytes = Buffer.concat(chunks);
      const text =
        headers['content-encoding'] === 'gzip' && bytes.length > 0 ? gunzipSync(bytes) : bytes;
      return { ...answered, text: text.toString(), isLeft: false };
    } finally {
      clearTimeout(timeout);
    }
  }

  async socket(): Promise<TLSSocket> {
    const { port, hostname } = new URL(this.access.server);
    const socket = connect({ host: hostname, port: Number(port), ca: this.access.ca });
    socket.on('error', () => {});
    await once(socket, 'secureConnect');
    return socket;
  }

  close(): void {
    this.#agent.destroy();
  }
}
