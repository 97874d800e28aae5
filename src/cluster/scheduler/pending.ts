/** The keys of Pods that wait for their turn: highest priority first, then in the order of arrival. */
export class PendingPods {
  readonly #byPriority = new Map<number, Set<string>>();
  readonly #priorities = new Map<string, number>();

  get size(): number {
    return this.#priorities.size;
  }

  add(key: string, priority: number): void {
    if (this.#priorities.get(key) === priority) return;
    this.delete(key);
    this.#priorities.set(key, priority);
    const keys = this.#byPriority.get(priority);
    if (keys) keys.add(key);
    else this.#byPriority.set(priority, new Set([key]));
  }

  delete(key: string): void {
    const priority = this.#priorities.get(key);
    if (priority === undefined) return;
    this.#priorities.delete(key);
    const keys = this.#byPriority.get(priority);
    keys?.delete(key);
    if (keys?.size === 0) this.#byPriority.delete(priority);
  }

  take(): string | undefined {
    const [key] = this.#byPriority.get(Math.max(...this.#byPriority.keys())) ?? [];
    if (key !== undefined) this.delete(key);
    return key;
  }
}
