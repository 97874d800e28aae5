/** One job after the other, none after `close`, which waits for the one that is under way. */
export function inTurn(): {
  add(job: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
} {
  let last: Promise<void> = Promise.resolve();
  let isClosed = false;
  return {
    async add(job) {
      const before = last;
      last = (async () => {
        await before.catch(() => undefined);
        if (!isClosed) await job();
      })();
      await last;
    },
    async close() {
      isClosed = true;
      await last.catch(() => undefined);
    },
  };
}
