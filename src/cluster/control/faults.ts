import type { Fault, FaultRecord } from '../faults/fault.ts';
import type { Access } from '../launch/kubeconfig.ts';
import { ask } from './ask.ts';
import type { KillTarget } from './controls.ts';

/** A fault that a cluster has been asked for; disposing takes it back. */
export interface InjectedFault extends AsyncDisposable {
  readonly id: string;
  /** How often it has struck so far. */
  fired(): Promise<number>;
  remove(): Promise<void>;
}

/** Damage on demand, to rehearse what production does by itself. */
export class Faults {
  readonly #access: Access;

  constructor(access: Access) {
    this.#access = access;
  }

  /** Strikes from now on; throws `ClusterError` that names the field when the fault makes no sense. */
  async add(fault: Fault): Promise<InjectedFault> {
    const { id } = (await ask(this.#access, 'POST', 'faults', fault)) as FaultRecord;
    const remove = async () => {
      // Whoever has cleared them all has taken back this one too.
      if ((await this.list()).some((one) => one.id === id)) await this.remove(id);
    };
    return {
      id,
      fired: async () => (await this.list()).find((one) => one.id === id)?.fired ?? 0,
      remove,
      [Symbol.asyncDispose]: remove,
    };
  }

  async list(): Promise<readonly FaultRecord[]> {
    const { items } = (await ask(this.#access, 'GET', 'faults')) as { items: FaultRecord[] };
    return items;
  }

  async remove(id: string): Promise<void> {
    const hint = 'see which there are: kubectl pitstop cluster faults';
    await ask(this.#access, 'DELETE', `faults/${encodeURIComponent(id)}`, undefined, hint);
  }

  /** Takes back all faults; stopped nodes stay stopped. */
  async clear(): Promise<void> {
    await ask(this.#access, 'DELETE', 'faults');
  }

  /** Ends a container with SIGKILL, as the kernel does when memory runs out. */
  async kill(target: KillTarget): Promise<void> {
    const hint = `see what runs: kubectl get pods -n ${target.namespace}`;
    await ask(this.#access, 'POST', 'kills', target, hint);
  }

  /** Loses a node's machine, with all that runs on it and no word to the API server. */
  async stopNode(name: string): Promise<void> {
    await this.#runNode(name, false);
  }

  /** Switches a stopped node on again. */
  async startNode(name: string): Promise<void> {
    await this.#runNode(name, true);
  }

  async #runNode(name: string, running: boolean): Promise<void> {
    const path = `nodes/${encodeURIComponent(name)}`;
    await ask(this.#access, 'PUT', path, { running }, 'see which there are: kubectl get nodes');
  }
}
