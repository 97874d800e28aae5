import type { SessionEvent } from '../../engine/index.ts';
import { restoreCommand } from '../connection.ts';
import type { CommonFlags } from '../flags.ts';
import type { Io } from '../io.ts';
import { trackRecovery } from './conduct.ts';

/** Keeps `io.recovery` right for several sessions at once: one command for each Pod that is out. */
export class Recoveries {
  readonly #io: Io;
  readonly #flags: CommonFlags;
  readonly #commands = new Map<string, { recovery: string | undefined }>();
  readonly #listeners = new Map<string, (event: SessionEvent) => void>();

  constructor(io: Io, flags: CommonFlags) {
    this.#io = io;
    this.#flags = flags;
  }

  onEvent(pod: string, event: SessionEvent): void {
    const kept = this.#commands.get(pod) ?? { recovery: undefined };
    const listener = this.#listeners.get(pod) ?? trackRecovery(kept, this.#flags);
    this.#commands.set(pod, kept);
    this.#listeners.set(pod, listener);
    listener(event);
    const commands = [...this.#commands.values()].flatMap(({ recovery }) => recovery ?? []);
    this.#io.recovery = commands.length > 0 ? commands.join('\n      ') : undefined;
  }

  commandFor(namespace: string, pod: string): string {
    return restoreCommand(this.#flags, { namespace, pod });
  }
}
