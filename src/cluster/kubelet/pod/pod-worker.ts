import type { Pod, PodStatus } from 'kubernetes-types/core/v1.js';
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { ApiError } from '../../api-error.ts';
import { holdBack, startRun, stopRun } from './container-lifecycle.ts';
import { newRun, newRuns, type ContainerRun } from './container-run.ts';
import { decide } from './decide.ts';
import { Grace } from './grace.ts';
import type { NodeContext, PodContext } from './pod-context.ts';
import { differs, patchOf } from './status-patch.ts';
import { statusOf } from './status.ts';

/** How often the status is compared with what is stored, though nothing happened here. */
const SYNC_MS = 10_000;
/** What a Pod gets that was deleted without grace: upstream's least. */
const FORCED_GRACE_MS = 1000;

/** As long as a container's start takes on a busy machine. */
const START_MS = 1000;

/** Runs one Pod from its binding to its end, and tells the API server how it is. */
export class PodWorker {
  readonly runs: ContainerRun[];
  readonly #node: NodeContext;
  readonly #onGone: () => void;
  readonly #directory: string;
  readonly #startTime = Date.now();
  readonly #syncTimer: NodeJS.Timeout;
  #pod: Pod;
  /** Set once the sandbox stands and has an address. */
  #context: PodContext | undefined;
  #sandboxReady = false;
  #grace: Grace | undefined;
  #ended = false;
  /** Deleted without us, or the cluster stops: nothing is written any more. */
  #silent = false;
  #written: PodStatus | undefined;
  #wakeTimer: NodeJS.Timeout | undefined;
  #work: Promise<void> | undefined;
  #again = false;
  #termination: Promise<void> | undefined;

  constructor(
    pod: Pod,
    { node, onGone }: { readonly node: NodeContext; readonly onGone: () => void },
  ) {
    this.#pod = pod;
    this.#node = node;
    this.#onGone = onGone;
    this.#directory = join(node.directory, pod.metadata?.uid ?? '');
    this.runs = newRuns(pod);
    this.#syncTimer = setInterval(() => this.#reconcile(), SYNC_MS);
    this.wake();
  }

  get pod(): Pod {
    return this.#pod;
  }

  get context(): PodContext | undefined {
    return this.#context;
  }

  /** The stored Pod has changed. */
  update(pod: Pod): void {
    const before = this.#pod;
    this.#pod = pod;
    for (const container of pod.spec?.ephemeralContainers ?? [])
      if (!this.runs.some((run) => run.container.name === container.name))
        this.runs.push(newRun(container, 'ephemeral', 'ContainerCreating'));
    if (isDeleted(pod)) this.#terminate(graceMsOf(pod));
    // A status written by hand is taken back at the next reconciliation, not at once: as upstream.
    else if (pod.metadata?.generation !== before.metadata?.generation) this.wake();
    else if (!isDeepStrictEqual(gates(pod), gates(before))) this.wake();
  }

  /** The stored Pod is gone without our doing: deleted by force. */
  forget(): void {
    this.#silent = true;
    this.#terminate(FORCED_GRACE_MS);
  }

  /** Ends everything at once; the cluster stops. */
  async stop(): Promise<void> {
    this.#silent = true;
    this.#terminate(0);
    await this.#termination;
  }

  /** Looks anew at what there is to do: soon, and never from inside the caller. */
  wake(): void {
    if (this.#work) {
      this.#again = true;
      return;
    }
    this.#work = this.#run().finally(() => {
      this.#work = undefined;
      if (!this.#again) return;
      this.#again = false;
      this.wake();
    });
  }

  async #run(): Promise<void> {
    await new Promise(setImmediate);
    try {
      if (isDeleted(this.#pod)) this.#terminate(graceMsOf(this.#pod));
      if (this.#termination || isOver(this.#pod)) return;
      const context = (this.#context ??= await this.#openSandbox());
      await this.#startWhatIsDue(context);
      this.#publish();
    } catch (error) {
      this.#node.onError(error);
      this.#wakeIn(1000);
    }
  }

  async #openSandbox(): Promise<PodContext> {
    this.#publish();
    const { uid = '', name = '' } = this.#pod.metadata ?? {};
    const { runtime, network, recordEvent } = this.#node;
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    const hostname = this.#pod.spec?.hostname || name;
    try {
      const sandbox = await runtime.createSandbox({ uid, hostname, directory: this.#directory });
      await using given = new AsyncDisposableStack();
      given.use(sandbox);
      const { ip } = await network.attach({ uid, pid: sandbox.pid });
      given.move();
      this.#sandboxReady = true;
      return {
        node: this.#node,
        directory: this.#directory,
        sandbox,
        podIp: ip,
        pod: () => this.#pod,
        publish: () => this.#publish(),
        wake: () => this.wake(),
      };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const message = `Failed to create pod sandbox: ${why}`;
      recordEvent(this.#pod, { type: 'Warning', reason: 'FailedCreatePodSandBox', message });
      throw error;
    }
  }

  async #startWhatIsDue(context: PodContext): Promise<void> {
    while (!this.#termination) {
      const restartPolicy = this.#pod.spec?.restartPolicy ?? 'Always';
      const now = Date.now();
      const { start, backOff, finished } = decide(this.runs, { restartPolicy, now });
      if (finished) return this.#finish(context);
      for (const { run, until } of backOff) {
        holdBack(run, context);
        this.#wakeIn(until - now);
      }
      if (start.length === 0) return;
      for (const run of start) if (!this.#termination) await startRun(run, context);
    }
  }

  /** All containers have ended for good: their sidecars and the sandbox go, logs and status stay. */
  async #finish(context: PodContext): Promise<void> {
    if (!this.#sandboxReady) return;
    this.#sandboxReady = false;
    using grace = new Grace((this.#pod.spec?.terminationGracePeriodSeconds ?? 30) * 1000);
    await this.#stopAll(grace);
    await this.#closeSandbox(context);
  }

  #terminate(graceMs: number): void {
    if (this.#termination) {
      this.#grace?.atMost(graceMs);
      return;
    }
    this.#grace = new Grace(graceMs);
    this.#termination = this.#end(this.#grace).catch(this.#node.onError);
  }

  async #end(grace: Grace): Promise<void> {
    clearTimeout(this.#wakeTimer);
    // A start under way comes to its end first; a hook after it may take long, and ends with its container.
    await Promise.race([this.#work, delay(START_MS)]);
    await this.#stopAll(grace);
    await this.#work;
    await this.#stopAll(grace);
    if (this.#context) await this.#closeSandbox(this.#context);
    clearInterval(this.#syncTimer);
    clearTimeout(this.#wakeTimer);
    grace[Symbol.dispose]();
    this.#ended = true;
    this.#publish();
    this.#deleteObject();
    await rm(this.#directory, { recursive: true, force: true });
    this.#onGone();
  }

  async #stopAll(grace: Grace): Promise<void> {
    const context = this.#context;
    if (!context) return;
    const stop = (run: ContainerRun) =>
      stopRun(run, { message: `Stopping container ${run.container.name}`, grace, context });
    // KEP-753: sidecars end after the containers they serve.
    await Promise.all(this.runs.filter(({ role }) => role !== 'sidecar').map(stop));
    await Promise.all(this.runs.filter(({ role }) => role === 'sidecar').map(stop));
  }

  async #closeSandbox(context: PodContext): Promise<void> {
    this.#sandboxReady = false;
    await context.sandbox[Symbol.asyncDispose]();
    await this.#node.network.detach(this.#pod.metadata?.uid ?? '');
  }

  #deleteObject(): void {
    if (this.#silent) return;
    const { namespace, name = '', uid = '' } = this.#pod.metadata ?? {};
    try {
      const options = { gracePeriodSeconds: 0, preconditions: { uid } };
      this.#node.api.delete('pods', { namespace, name }, options);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }

  /** Writes the status if it differs from what was written last. */
  #publish(): void {
    if (this.#silent) return;
    const status = this.#status();
    if (isDeepStrictEqual(status, this.#written)) return;
    const { namespace, name = '', uid } = this.#pod.metadata ?? {};
    try {
      this.#pod = this.#node.api.patch<Pod>(
        'pods',
        { namespace, name },
        { metadata: { uid }, status: patchOf(status, this.#pod.status) },
        { type: 'strategic', subresource: 'status', fieldManager: 'kubelet' },
      );
      this.#written = status;
    } catch (error) {
      if (!isGone(error)) this.#node.onError(error);
    }
  }

  #reconcile(): void {
    if (differs(this.#pod.status, this.#status())) this.#written = undefined;
    this.#publish();
  }

  #status(): PodStatus {
    return statusOf({
      pod: this.#pod,
      runs: this.runs,
      podIp: this.#context?.podIp,
      hostIp: this.#node.network.nodeAddress,
      startTime: this.#startTime,
      sandboxReady: this.#sandboxReady,
      ended: this.#ended,
      now: Date.now(),
    });
  }

  #wakeIn(ms: number): void {
    clearTimeout(this.#wakeTimer);
    this.#wakeTimer = setTimeout(() => this.wake(), Math.max(ms, 10));
  }
}

function graceMsOf(pod: Pod): number {
  return (pod.metadata?.deletionGracePeriodSeconds ?? 30) * 1000;
}

function isDeleted(pod: Pod): boolean {
  return pod.metadata?.deletionTimestamp !== undefined;
}

function isOver(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** The conditions of the Pod's readiness gates, which others write. */
function gates(pod: Pod): unknown {
  const types = (pod.spec?.readinessGates ?? []).map(({ conditionType }) => conditionType);
  const conditions = pod.status?.conditions ?? [];
  return types.map((type) => conditions.find((condition) => condition.type === type)?.status);
}

/** 404: the object is gone; 409: another of the same name has taken its place. */
function isGone(error: unknown): boolean {
  return error instanceof ApiError && (error.code === 404 || error.code === 409);
}
