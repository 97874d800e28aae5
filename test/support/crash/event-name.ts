import type { SessionEvent } from '../../../src/engine/index.ts';

/**
 * What an event is called in every run of the same thing: its type, its step, and of a progress
 * message the first three words. Answers undefined for those of which there may be any number.
 */
export function nameEvent(event: SessionEvent, seen: Set<string>): string | undefined {
  const name = plainName(event);
  if (event.type === 'isolation') {
    for (let nth = 1; ; nth += 1) {
      if (!seen.has(`${name} ${nth}`)) return remember(seen, `${name} ${nth}`);
    }
  }
  return seen.has(name) ? undefined : remember(seen, name);
}

function remember(seen: Set<string>, name: string): string {
  seen.add(name);
  return name;
}

function plainName(event: SessionEvent): string {
  const step = 'step' in event ? ` ${event.step}` : '';
  const words =
    event.type === 'step-progress' ? `: ${event.message.split(' ').slice(0, 3).join(' ')}` : '';
  return `${event.type}${step}${words}`;
}
