const FIRST_KNOCK_MS = 50;
const LAST_KNOCK_MS = 5000;

/**
 * Tells whether the client of a connection that is not read for now is still there: its end would wait
 * behind what it has sent, but what is sent to one that has gone comes back as an error, which closes
 * the connection. `knock` sends something that means nothing; it is called, ever less often, until the
 * answered function is.
 */
export function keepKnocking(knock: () => void): () => void {
  let delayMs = FIRST_KNOCK_MS;
  const next = (): NodeJS.Timeout =>
    setTimeout(() => {
      delayMs = Math.min(2 * delayMs, LAST_KNOCK_MS);
      timer = next();
      knock();
    }, delayMs);
  let timer = next();
  return () => clearTimeout(timer);
}
