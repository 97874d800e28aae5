/** Time until a container is killed; a second, shorter deletion may cut it. */
export class Grace implements Disposable {
  #endsAt: number;
  #timer: NodeJS.Timeout | undefined;
  readonly #over = Promise.withResolvers<void>();

  constructor(ms: number) {
    this.#endsAt = Date.now() + ms;
    this.#arm();
  }

  get isOver(): boolean {
    return Date.now() >= this.#endsAt;
  }

  over(): Promise<void> {
    return this.#over.promise;
  }

  /** Ends at the latest `ms` from now. */
  atMost(ms: number): void {
    this.#endsAt = Math.min(this.#endsAt, Date.now() + ms);
    this.#arm();
  }

  /** Ends at the earliest `ms` from now, unless it is over already. */
  atLeast(ms: number): void {
    this.#endsAt = Math.max(this.#endsAt, Date.now() + ms);
    this.#arm();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#over.resolve();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#over.resolve(), Math.max(0, this.#endsAt - Date.now()));
  }
}
