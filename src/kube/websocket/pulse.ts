import type { ChannelSocket } from './channel-socket.ts';

const pingEveryMs = 5_000;
const deadAfterMs = 60_000;

/**
 * Pings, and says so to `dead` when nothing has come back for too long; a paused socket proves nothing.
 * Returns what stops it.
 */
export function watchPulse(
  socket: ChannelSocket,
  isPaused: () => boolean,
  dead: (how: string) => void,
): () => void {
  const timer = setInterval(() => {
    if (isPaused()) socket.heardAt = performance.now();
    if (performance.now() - socket.heardAt > deadAfterMs) {
      dead(`gave no sign of life for ${deadAfterMs / 1000} s`);
    } else socket.ping();
  }, pingEveryMs);
  return () => clearInterval(timer);
}
