import { constants, createDeflate, createInflate, type Deflate, type Inflate } from 'node:zlib';
import { SPDY_DICTIONARY } from './dictionary.ts';

export type Headers = ReadonlyMap<string, readonly string[]>;

/** The header blocks of one session: each direction is one long compressed stream. */
export class HeaderCodec {
  readonly #inflate = createInflate({
    dictionary: SPDY_DICTIONARY,
    finishFlush: constants.Z_SYNC_FLUSH,
  });
  readonly #deflate = createDeflate({ dictionary: SPDY_DICTIONARY, flush: constants.Z_SYNC_FLUSH });

  constructor() {
    // Told to whoever waits for a block; between blocks there is nobody to tell.
    for (const transform of [this.#inflate, this.#deflate]) transform.on('error', () => {});
  }

  async decode(block: Buffer): Promise<Headers> {
    const bytes = await through(this.#inflate, block);
    const headers = new Map<string, readonly string[]>();
    let at = 4;
    const take = () => {
      const length = bytes.readUInt32BE(at);
      const text = bytes.toString('latin1', at + 4, at + 4 + length);
      at += 4 + length;
      return text;
    };
    for (let left = bytes.readUInt32BE(0); left > 0; left -= 1) {
      const name = take().toLowerCase();
      headers.set(name, take().split('\0'));
    }
    return headers;
  }

  /** A block without headers: all that a reply to Kubernetes' clients needs. */
  async encodeEmpty(): Promise<Buffer> {
    return through(this.#deflate, Buffer.alloc(4));
  }

  close(): void {
    this.#inflate.destroy();
    this.#deflate.destroy();
  }
}

/** Far more than Kubernetes' clients send; a small block may become a large one. */
const MAX_BYTES = 64 * 1024;

function through(transform: Inflate | Deflate, input: Buffer): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let size = 0;
  const take = (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_BYTES) transform.destroy(new Error('a header block is too long'));
    else chunks.push(chunk);
  };
  transform.on('data', take);
  transform.once('error', reject);
  transform.write(input, (error) => {
    transform.off('data', take);
    transform.off('error', reject);
    if (error) reject(error);
    else resolve(Buffer.concat(chunks));
  });
  return promise;
}
