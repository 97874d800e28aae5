import { randomBytes } from 'node:crypto';
import type {
  ExecFacts,
  ExecFault,
  Fault,
  FaultRecord,
  ProbeFacts,
  RequestEffect,
  RequestFacts,
} from './fault.ts';

interface Kept {
  readonly id: string;
  readonly fault: Fault;
  matched: number;
  fired: number;
}

/**
 * The faults a cluster has been asked for, in the order they came: the first that matches and is not
 * used up strikes. Empty in every cluster that nobody rehearses with.
 */
export class FaultTable {
  readonly #kept = new Map<string, Kept>();

  get isEmpty(): boolean {
    return this.#kept.size === 0;
  }

  add(fault: Fault): FaultRecord {
    const kept: Kept = { id: randomBytes(4).toString('hex'), fault, matched: 0, fired: 0 };
    this.#kept.set(kept.id, kept);
    return recordOf(kept);
  }

  /** False when there is none of that id. */
  remove(id: string): boolean {
    return this.#kept.delete(id);
  }

  clear(): void {
    this.#kept.clear();
  }

  list(): readonly FaultRecord[] {
    return [...this.#kept.values()].map(recordOf);
  }

  request(facts: RequestFacts): RequestEffect | undefined {
    const fault = this.#strike((one) => one.kind === 'request' && matches({ ...one.match }, facts));
    return fault?.kind === 'request' ? fault.effect : undefined;
  }

  exec({ command, ...container }: ExecFacts): ExecFault | undefined {
    const line = command.join(' ');
    const fault = this.#strike((one) => {
      if (one.kind !== 'exec') return false;
      const { command: words = '', ...match } = one.match ?? {};
      return line.includes(words) && matches(match, container);
    });
    return fault?.kind === 'exec' ? fault : undefined;
  }

  probe(facts: ProbeFacts): boolean {
    const fault = this.#strike(
      (one) => one.kind === 'probe' && matches({ ...one.match }, { ...facts }),
    );
    return fault !== undefined;
  }

  #strike(isMeant: (fault: Fault) => boolean): Fault | undefined {
    for (const kept of this.#kept.values()) {
      const { times = Infinity, skip = 0 } = kept.fault;
      if (kept.fired >= times || !isMeant(kept.fault)) continue;
      kept.matched += 1;
      if (kept.matched <= skip) continue;
      kept.fired += 1;
      return kept.fault;
    }
    return undefined;
  }
}

function matches(
  match: Readonly<Record<string, string | undefined>>,
  facts: Readonly<Record<string, string | undefined>>,
): boolean {
  return Object.entries(match).every(
    ([key, value]) => value === undefined || (facts[key] ?? '') === value,
  );
}

function recordOf({ id, fault, fired }: Kept): FaultRecord {
  return { id, fault, fired };
}
