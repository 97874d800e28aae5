import type { Pod, PodStatus } from 'kubernetes-types/core/v1.js';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { ApiError } from '../../api-error.ts';
import { holdBack, startRun, stopRun } from './container-lifecycle.ts';
import { newRun, newRuns, type ContainerRun } from './container-run.ts';
import { decide } from './decide.ts';
import { Grace } from './grace.ts';
import { watchMemory } from './memory-watch.ts';
import { openSandbox } from './open-sandbox.ts';
import { overuseOf } from './overuse.ts';
import type { NodeContext, PodContext } from './pod-context.ts';
import { beginAgain, recall } from './recall.ts';
import { differs, patchOf } from './status-patch.ts';
import { statusOf, type Verdict } from './status.ts';
import { PodVolumes } from './volumes/pod-volumes.ts';
import { VolumeError } from './volumes/volume-error.ts';

/** How often the status is compared with what is stored, and the disk measured, though nothing happened here. */
const SYNC_MS = 10_000;
/** What a Pod gets that was deleted without grace or that is evicted: upstream's least. */
const FORCED_GRACE_MS = 1000;

/** As long as a container's start takes on a busy machine. */
const START_MS = 1000;

/** Between attempts to set up volumes: the first, doubled each time, and the longest. */
const [MOUNT_RETRY_MS, MOUNT_RETRY_MAX_MS] = [500, 120_000];

/** Runs one Pod from its binding to its end, and tells the API server how it is. */
export class PodWorker {
  readonly runs: ContainerRun[];
  readonly #node: NodeContext;
  readonly #onGone: () => void;
  readonly #directory: string;
  readonly #startTime: number;
  readonly #volumes: PodVolumes;
  readonly #syncTimer: NodeJS.Timeout;
  #memoryWatch: Disposable | undefined;
  readonly #limitsSaid = new Set<string>();
  /** It had come to its end before this kubelet saw it: its status is told by it no more. */
  readonly #isSettled: boolean;
  #pod: Pod;
  /** Set once the sandbox stands and has an address. */
  #context: PodContext | undefined;
  #sandboxReady = false;
  #mountRetryMs = MOUNT_RETRY_MS;
  #mountFailure: string | undefined;
  #grace: Grace | undefined;
  #ended = false;
  #verdict: Verdict | undefined;
  /** Deleted without us, or the cluster stops: nothing is written any more. */
  #silent = false;
  #written: PodStatus | undefined;
  #wakeTimer: NodeJS.Timeout | undefined;
  #deadlineTimer: NodeJS.Timeout | undefined;
  #work: Promise<void> | undefined;
  #again = false;
  #isMeasuring = false;
  #refreshing: NodeJS.Immediate | undefined;
  #replacing: Promise<void> | undefined;
  #termination: Promise<void> | undefined;

  constructor(
    pod: Pod,
    { node, onGone }: { readonly node: NodeContext; readonly onGone: () => void },
  ) {
    this.#pod = pod;
    this.#node = node;
    this.#onGone = onGone;
    this.#directory = join(node.directory, pod.metadata?.uid ?? '');
    this.#isSettled = isOver(pod);
    this.#startTime = pod.status?.startTime ? Date.parse(pod.status.startTime) : Date.now();
    this.runs = newRuns(pod);
    if (recall(this.runs, pod, Date.now()) && !this.#isSettled) this.#saySandboxChanged();
    this.#volumes = new PodVolumes({
      node,
      directory: this.#directory,
      pod: () => this.#pod,
      sayLimit: this.#sayLimit,
    });
    this.#syncTimer = setInterval(() => this.#sync(), SYNC_MS);
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
    this.#takeOver(pod);
    if (isDeleted(pod)) this.#terminate(graceMsOf(pod));
    // A status written by hand is taken back at the next reconciliation, not at once: as upstream.
    else if (pod.metadata?.generation !== before.metadata?.generation) this.wake();
    else if (!isDeepStrictEqual(gates(pod), gates(before))) this.wake();
    if (!isDeepStrictEqual(shown(pod), shown(before))) this.#refreshSoon();
  }

  /** A ConfigMap or Secret of its namespace has changed. */
  objectChanged(resource: 'configmaps' | 'secrets', name: string): void {
    if (!this.#volumes.shows(resource, name)) return;
    if (this.#context) this.#refreshSoon();
    else this.wake();
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

  /** Not from inside the write that it follows, and once for many. */
  #refreshSoon(): void {
    if (this.#refreshing) return;
    this.#refreshing = setImmediate(() => {
      this.#refreshing = undefined;
      if (!this.#ended) this.#volumes.refresh();
    });
  }

  async #run(): Promise<void> {
    await new Promise(setImmediate);
    try {
      if (isDeleted(this.#pod)) this.#terminate(graceMsOf(this.#pod));
      if (this.#termination || this.#verdict || this.#replacing || isOver(this.#pod)) return;
      this.#watchDeadline();
      if (!(await this.#haveVolumes()) || this.#termination) return;
      const context = (this.#context ??= await this.#openSandbox());
      await this.#startWhatIsDue(context);
      this.#publish();
    } catch (error) {
      this.#node.onError(error);
      this.#wakeIn(1000);
    }
  }

  async #haveVolumes(): Promise<boolean> {
    try {
      await this.#volumes.setUp();
      return true;
    } catch (error) {
      if (!(error instanceof VolumeError)) throw error;
      const { message } = error;
      this.#publish();
      if (message !== this.#mountFailure)
        this.#node.recordEvent(this.#pod, { type: 'Warning', reason: 'FailedMount', message });
      this.#mountFailure = message;
      this.#wakeIn(this.#mountRetryMs);
      this.#mountRetryMs = Math.min(this.#mountRetryMs * 2, MOUNT_RETRY_MAX_MS);
      return false;
    }
  }

  async #openSandbox(): Promise<PodContext> {
    this.#publish();
    const [node, directory, sayLimit] = [this.#node, this.#directory, this.#sayLimit];
    const { sandbox, podIp } = await openSandbox({ node, pod: this.#pod, directory, sayLimit });
    this.#sandboxReady = true;
    void sandbox.gone.then(() => this.#sandboxLost());
    this.#memoryWatch?.[Symbol.dispose]();
    this.#memoryWatch = watchMemory(this.runs, { node, sayLimit });
    return {
      node,
      directory,
      sandbox,
      podIp,
      volumes: this.#volumes,
      runs: this.runs,
      sayLimit,
      pod: () => this.#pod,
      publish: () => this.#publish(),
      wake: () => this.wake(),
    };
  }

  /** Whoever killed its process: the containers end, and all begins again in a new one. */
  #sandboxLost(): void {
    const context = this.#context;
    if (!this.#sandboxReady || this.#termination || !context) return;
    this.#saySandboxChanged();
    this.#replacing = this.#replaceSandbox(context)
      .catch(this.#node.onError)
      .finally(() => {
        this.#replacing = undefined;
        this.wake();
      });
  }

  async #replaceSandbox(context: PodContext): Promise<void> {
    using grace = new Grace(0);
    await this.#stopForGood(grace);
    await this.#closeSandbox(context);
    for (const run of this.runs) if (run.role === 'init' || run.role === 'sidecar') beginAgain(run);
    this.#context = undefined;
  }

  #saySandboxChanged(): void {
    const message = 'Pod sandbox changed, it will be killed and re-created.';
    this.#node.recordEvent(this.#pod, { type: 'Normal', reason: 'SandboxChanged', message });
  }

  async #startWhatIsDue(context: PodContext): Promise<void> {
    while (!this.#termination && !this.#verdict && this.#sandboxReady) {
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
    await this.#volumes[Symbol.asyncDispose]();
  }

  /** The Pod has failed by the kubelet's own judgement: its status says so at once, and its containers end. */
  async #fail(verdict: Verdict, graceMs: number): Promise<void> {
    if (this.#verdict || this.#termination || isOver(this.#pod)) return;
    this.#verdict = verdict;
    this.#publish();
    using grace = new Grace(graceMs);
    await this.#stopForGood(grace);
    if (this.#context && this.#sandboxReady) await this.#closeSandbox(this.#context);
    this.#publish();
  }

  #watchDeadline(): void {
    clearTimeout(this.#deadlineTimer);
    const seconds = this.#pod.spec?.activeDeadlineSeconds;
    if (seconds === undefined) return;
    const left = this.#startTime + seconds * 1000 - Date.now();
    this.#deadlineTimer = setTimeout(
      () => {
        const message = 'Pod was active on the node longer than the specified deadline';
        const reason = 'DeadlineExceeded';
        this.#node.recordEvent(this.#pod, { type: 'Normal', reason, message });
        const graceMs = (this.#pod.spec?.terminationGracePeriodSeconds ?? 30) * 1000;
        this.#fail({ reason, message }, graceMs).catch(this.#node.onError);
      },
      Math.min(Math.max(left, 0), 2 ** 31 - 1),
    );
  }

  async #measure(): Promise<void> {
    if (this.#isMeasuring || this.#termination || !this.#context) return;
    this.#isMeasuring = true;
    const message = await overuseOf({
      pod: this.#pod,
      runs: this.runs,
      volumes: this.#volumes,
      directory: this.#directory,
    }).finally(() => (this.#isMeasuring = false));
    if (message === undefined || this.#verdict || isOver(this.#pod)) return;
    this.#node.recordEvent(this.#pod, { type: 'Warning', reason: 'Evicted', message });
    await this.#fail({ reason: 'Evicted', message }, FORCED_GRACE_MS);
  }

  /** New ephemeral containers, and containers whose spec has changed. */
  #takeOver(pod: Pod): void {
    for (const container of pod.spec?.ephemeralContainers ?? [])
      if (!this.runs.some((run) => run.container.name === container.name))
        this.runs.push(newRun(container, 'ephemeral', 'ContainerCreating'));
    for (const container of [
      ...(pod.spec?.initContainers ?? []),
      ...(pod.spec?.containers ?? []),
    ]) {
      const run = this.runs.find((other) => other.container.name === container.name);
      if (!run || run.container.image === container.image) continue;
      run.container = container;
      run.retryAt = undefined;
      if (run.state.kind !== 'running' || run.role === 'init') continue;
      run.changed = true;
      void this.#stopChanged(run);
    }
  }

  async #stopChanged(run: ContainerRun): Promise<void> {
    const context = this.#context;
    if (!context) return;
    const seconds = this.#pod.spec?.terminationGracePeriodSeconds ?? 30;
    using grace = new Grace(seconds * 1000);
    const message = `Container ${run.container.name} definition changed, will be restarted`;
    await stopRun(run, { message, grace, context });
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
    clearTimeout(this.#deadlineTimer);
    await this.#replacing;
    await this.#stopForGood(grace);
    if (this.#context) await this.#closeSandbox(this.#context);
    await this.#volumes[Symbol.asyncDispose]();
    clearInterval(this.#syncTimer);
    clearTimeout(this.#wakeTimer);
    grace[Symbol.dispose]();
    this.#ended = true;
    this.#publish();
    this.#deleteObject();
    await rm(this.#directory, { recursive: true, force: true });
    this.#onGone();
  }

  /** A start under way comes to its end first; a hook after it may take long, and ends with its container. */
  async #stopForGood(grace: Grace): Promise<void> {
    await Promise.race([this.#work, delay(START_MS)]);
    await this.#stopAll(grace);
    await this.#work;
    await this.#stopAll(grace);
  }

  async #stopAll(grace: Grace): Promise<void> {
    const context = this.#context;
    if (!context) return;
    const stop = (run: ContainerRun) =>
      stopRun(run, { message: `Stopping container ${run.container.name}`, grace, context });
    const sidecars = this.runs.filter(({ role }) => role === 'sidecar');
    await Promise.all(this.runs.filter(({ role }) => role !== 'sidecar').map(stop));
    // KEP-753: sidecars end after the containers they serve, the last one started first.
    for (const sidecar of sidecars.toReversed()) await stop(sidecar);
  }

  async #closeSandbox(context: PodContext): Promise<void> {
    this.#sandboxReady = false;
    this.#memoryWatch?.[Symbol.dispose]();
    await context.sandbox[Symbol.asyncDispose]();
    if (!this.#pod.spec?.hostNetwork)
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
    if (this.#silent || this.#isSettled) return;
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

  #sync(): void {
    if (differs(this.#pod.status, this.#status())) this.#written = undefined;
    this.#publish();
    // Tokens get old, and what an event was missed for comes with the next look.
    if (this.#context) this.#volumes.refresh();
    this.#measure().catch(this.#node.onError);
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
      verdict: this.#verdict,
      now: Date.now(),
    });
  }

  readonly #sayLimit = (feature: string, message: string): void => {
    if (this.#limitsSaid.has(feature)) return;
    this.#limitsSaid.add(feature);
    this.#node.recordEvent(this.#pod, { type: 'Warning', reason: 'IsolationLimit', message });
  };

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

/** What the downward API shows of a living Pod. */
function shown(pod: Pod): unknown {
  return [pod.metadata?.labels, pod.metadata?.annotations];
}

/** 404: the object is gone; 409: another of the same name has taken its place. */
function isGone(error: unknown): boolean {
  return error instanceof ApiError && (error.code === 404 || error.code === 409);
}
