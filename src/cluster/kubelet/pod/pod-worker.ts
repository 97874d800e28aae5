import type { Pod, PodStatus } from 'kubernetes-types/core/v1.js';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { refusalOf } from './admission.ts';
import { holdBack, startRun, stopRun } from './container-lifecycle.ts';
import { newRuns, type ContainerRun } from './container-run.ts';
import { atDeadline } from './deadline.ts';
import { decide } from './decide.ts';
import { Grace } from './grace.ts';
import { Mounting } from './mounting.ts';
import { openSandbox } from './open-sandbox.ts';
import { oneAtATime, overuseOf } from './overuse.ts';
import type { NodeContext, PodContext, SayLimit } from './pod-context.ts';
import { gates, graceMsOf, isDeleted, isOver, shown, specGraceMsOf } from './pod-facts.ts';
import { beginAgain, recall } from './recall.ts';
import { limitsOf } from './say-limit.ts';
import { StatusWriter } from './status-writer.ts';
import { statusOf, type Verdict } from './status.ts';
import { stopAll } from './stop-all.ts';
import { takeOver } from './take-over.ts';
import { PodVolumes } from './volumes/pod-volumes.ts';
import { WorkLoop } from './work-loop.ts';

/** How often the status is compared with what is stored, and the disk measured, though nothing happened here. */
const SYNC_MS = 10_000;
/** What a Pod gets that was deleted without grace or that is evicted: upstream's least. */
const FORCED_GRACE_MS = 1000;

/** As long as a container's start takes on a busy machine. */
const START_MS = 1000;
const CLOSE_ATTEMPTS = 10;

/** Runs one Pod from its binding to its end, and tells the API server how it is. */
export class PodWorker {
  readonly runs: ContainerRun[];
  readonly #node: NodeContext;
  readonly #onGone: () => void;
  readonly #directory: string;
  readonly #startTime: number;
  readonly #volumes: PodVolumes;
  readonly #mounting: Mounting;
  readonly #writer: StatusWriter;
  readonly #syncTimer: NodeJS.Timeout;
  readonly #loop: WorkLoop;
  readonly #sayLimit: SayLimit;
  /** It had come to its end before this kubelet saw it: its status is told by it no more. */
  readonly #isSettled: boolean;
  #pod: Pod;
  /** Set once the sandbox stands and has an address. */
  #context: PodContext | undefined;
  #sandboxReady = false;
  #grace: Grace | undefined;
  #ended = false;
  #verdict: Verdict | undefined;
  #deadlineTimer: NodeJS.Timeout | undefined;
  readonly #measuring = oneAtATime(overuseOf);
  #replacing: Promise<void> | undefined;
  #termination: Promise<void> | undefined;

  constructor(
    pod: Pod,
    { node, onGone }: { readonly node: NodeContext; readonly onGone: () => void },
  ) {
    this.#pod = pod;
    this.#node = node;
    this.#onGone = onGone;
    this.#writer = new StatusWriter(node);
    this.#sayLimit = limitsOf(node, () => this.#pod);
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
    this.#mounting = new Mounting(node, { volumes: this.#volumes, pod: () => this.#pod });
    this.#syncTimer = setInterval(() => this.#sync(), SYNC_MS);
    this.#loop = new WorkLoop(() => this.#run(), node.onError);
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
    for (const changed of takeOver(this.runs, pod))
      this.#stopChanged(changed).catch(this.#node.onError);
    if (isDeleted(pod)) this.#terminate(graceMsOf(pod));
    // A status written by hand is taken back at the next reconciliation, not at once: as upstream.
    else if (pod.metadata?.generation !== before.metadata?.generation) this.wake();
    else if (!isDeepStrictEqual(gates(pod), gates(before))) this.wake();
    if (!isDeepStrictEqual(shown(pod), shown(before))) this.#volumes.refreshSoon();
  }

  /** A ConfigMap or Secret of its namespace has changed. */
  objectChanged(resource: 'configmaps' | 'secrets', name: string): void {
    if (!this.#volumes.shows(resource, name)) return;
    if (this.#context) this.#volumes.refreshSoon();
    else this.wake();
  }

  /** The stored Pod is gone without our doing: deleted by force. */
  forget(): void {
    this.#writer.silence();
    this.#terminate(FORCED_GRACE_MS);
  }

  /** Ends everything at once; the cluster stops. */
  async stop(): Promise<void> {
    this.#writer.silence();
    this.#terminate(0);
    await this.#termination;
  }

  /** Looks anew at what there is to do. */
  wake(): void {
    this.#loop.wake();
  }

  async #run(): Promise<void> {
    if (isDeleted(this.#pod)) this.#terminate(graceMsOf(this.#pod));
    if (this.#termination || this.#verdict || this.#replacing || isOver(this.#pod)) return;
    const refusal = this.#context ? undefined : refusalOf(this.#pod, this.#node);
    if (refusal) return void this.#fail(refusal, 0).catch(this.#node.onError);
    this.#watchDeadline();
    if (!(await this.#haveVolumes()) || this.#termination) return;
    const context = (this.#context ??= await this.#openSandbox());
    await this.#startWhatIsDue(context);
    this.#publish();
  }

  async #haveVolumes(): Promise<boolean> {
    const retryMs = await this.#mounting.setUp();
    if (retryMs === undefined) return true;
    this.#publish();
    this.#loop.wakeIn(retryMs);
    return false;
  }

  async #openSandbox(): Promise<PodContext> {
    this.#publish();
    const [node, directory, sayLimit] = [this.#node, this.#directory, this.#sayLimit];
    const opened = await openSandbox({
      node,
      pod: this.#pod,
      directory,
      runs: this.runs,
      sayLimit,
    });
    this.#sandboxReady = true;
    void opened.sandbox.gone.then(() => this.#sandboxLost());
    return {
      ...opened,
      node,
      directory,
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
        this.#loop.wakeIn(until - now);
      }
      if (start.length === 0) return;
      for (const run of start) if (!this.#termination) await startRun(run, context);
    }
  }

  /** All containers have ended for good: their sidecars and the sandbox go, logs and status stay. */
  async #finish(context: PodContext): Promise<void> {
    if (!this.#sandboxReady) return;
    this.#sandboxReady = false;
    using grace = new Grace(specGraceMsOf(this.#pod));
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
    this.#deadlineTimer = atDeadline(this.#pod, this.#startTime, () => {
      const message = 'Pod was active on the node longer than the specified deadline';
      const reason = 'DeadlineExceeded';
      this.#node.recordEvent(this.#pod, { type: 'Normal', reason, message });
      this.#fail({ reason, message }, specGraceMsOf(this.#pod)).catch(this.#node.onError);
    });
  }

  async #measure(): Promise<void> {
    if (this.#termination || !this.#context) return;
    const message = await this.#measuring(this.#context);
    if (message === undefined || this.#verdict || isOver(this.#pod)) return;
    this.#node.recordEvent(this.#pod, { type: 'Warning', reason: 'Evicted', message });
    await this.#fail({ reason: 'Evicted', message }, FORCED_GRACE_MS);
  }

  async #stopChanged(run: ContainerRun): Promise<void> {
    const context = this.#context;
    if (!context) return;
    using grace = new Grace(specGraceMsOf(this.#pod));
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
    this.#loop.rest();
    clearTimeout(this.#deadlineTimer);
    await this.#replacing;
    await this.#stopForGood(grace);
    if (this.#context) await this.#closeSandbox(this.#context);
    await this.#volumes[Symbol.asyncDispose]();
    clearInterval(this.#syncTimer);
    this.#loop.rest();
    grace[Symbol.dispose]();
    this.#ended = true;
    this.#publish();
    this.#writer.delete(this.#pod);
    await rm(this.#directory, { recursive: true, force: true });
    this.#onGone();
  }

  /** A start under way comes to its end first; a hook after it may take long, and ends with its container. */
  async #stopForGood(grace: Grace): Promise<void> {
    await Promise.race([this.#loop.round, delay(START_MS)]);
    await this.#stopAll(grace);
    await this.#loop.round;
    await this.#stopAll(grace);
  }

  async #stopAll(grace: Grace): Promise<void> {
    if (this.#context) await stopAll(this.#context, grace);
  }

  /** A failure is told and tried again, as upstream: a Pod that is not taken down stays for ever. */
  async #closeSandbox(context: PodContext): Promise<void> {
    this.#sandboxReady = false;
    for (let left = CLOSE_ATTEMPTS; ; left -= 1) {
      try {
        return await context.close();
      } catch (error) {
        if (left === 1) throw error;
        this.#node.onError(error);
        await delay(START_MS);
      }
    }
  }

  /** Writes the status if it differs from what was written last. */
  #publish(): void {
    if (!this.#isSettled) this.#pod = this.#writer.write(this.#pod, this.#status());
  }

  #sync(): void {
    this.#writer.compare(this.#pod, this.#status());
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
}
