import { createCheck } from '../artifact/check.ts';
import type { Findings } from '../artifact/findings.ts';
import type { ArtifactFormat } from '../diagnostics/index.ts';
import type { Sink } from './receiver.ts';

/**
 * Looks at content on its way into a sink, so that it need not be read again. Of what was taken back
 * on the way, or is not well-formed, it says nothing: then the file is looked through when it is home.
 */
export class InlineCheck implements Sink {
  readonly #sink: Sink;
  readonly #check: ReturnType<typeof createCheck>;
  #isValid: boolean;

  constructor(sink: Sink, format: ArtifactFormat, isFromStart: boolean) {
    this.#sink = sink;
    this.#check = createCheck(format);
    this.#isValid = isFromStart;
  }

  get canRewind(): boolean {
    return this.#sink.canRewind;
  }

  async write(chunk: Buffer): Promise<void> {
    await Promise.all([this.#sink.write(chunk), this.#look(chunk)]);
  }

  async rewind(position: number): Promise<void> {
    this.#isValid = false;
    await this.#sink.rewind(position);
  }

  async recall(limit: number, take: (chunk: Buffer) => Promise<void>): Promise<void> {
    await this.#sink.recall?.(limit, take);
  }

  async findings(): Promise<Findings | undefined> {
    if (!this.#isValid) return undefined;
    return await this.#check.end().catch(() => undefined);
  }

  async #look(chunk: Buffer): Promise<void> {
    if (!this.#isValid) return;
    try {
      await this.#check.write(chunk);
    } catch {
      this.#isValid = false;
    }
  }
}
