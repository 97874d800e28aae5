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
    this.#inflate.close();
    this.#deflate.close();
  }
}

function through(transform: Inflate | Deflate, input: Buffer): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  transform.once('error', reject);
  transform.write(input, (error) => {
    transform.off('error', reject);
    if (error) reject(error);
    else resolve((transform.read() as Buffer | null) ?? Buffer.alloc(0));
  });
  return promise;
}
