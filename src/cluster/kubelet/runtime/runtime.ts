import type { Duplex, Readable, Writable } from 'node:stream';
import type { Level } from '../../network/index.ts';

/** How a Pod's processes are kept apart on this machine; one implementation per level. */
export interface Runtime extends AsyncDisposable {
  readonly level: Level;
  createSandbox(options: SandboxOptions): Promise<Sandbox>;
}

export interface SandboxOptions {
  readonly uid: string;
  readonly hostname: string;
  /** `spec.hostNetwork`: the node's own network instead of one of its own. */
  readonly hostNetwork?: boolean;
  /** `spec.shareProcessNamespace`: its containers see each other's processes. */
  readonly sharedProcesses?: boolean;
  /** Kernel parameters of the Pod's own namespaces, by dotted name. */
  readonly sysctls?: Readonly<Record<string, string>>;
  /** The Pod's own directory on the host; removed by the caller when the Pod is gone. */
  readonly directory: string;
}

/** What a Pod's containers share; at level `namespaces` a process that holds them open. */
export interface Sandbox extends AsyncDisposable {
  readonly pid: number;
  /** Resolves when the process that holds the sandbox is gone, wanted or not. */
  readonly gone: Promise<void>;
  start(options: ContainerOptions): Promise<ContainerProcess>;
  /** Opens a byte stream to `127.0.0.1:port` as the Pod sees it. */
  connect(port: number): Promise<Duplex>;
}

export interface ContainerOptions {
  readonly name: string;
  /** Distinguishes this start from earlier ones of the same container. */
  readonly attempt: number;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir: string;
  readonly stdin: boolean;
  /** The process gets a terminal instead of pipes. */
  readonly tty: boolean;
  readonly security: Security;
  /** Whose processes it sees: only its own, the Pod's, the node's, or those of another container by its first process. */
  readonly processes: 'own' | 'pod' | 'node' | { readonly pid: number };
  /** A memory cgroup that its processes begin in. */
  readonly cgroup?: string | undefined;
  /** Its root holds nothing of the machine's but `mounts`: no shell, no tools. */
  readonly bare: boolean;
  /** Files and directories to show at fixed places in the container. */
  readonly mounts: readonly Mount[];
  /** Where the container may leave its last words; read after its end. */
  readonly terminationMessagePath: string;
}

/** What a container may do; how much of it can be had depends on the level. */
export interface Security {
  /** Absent: as the cluster's own processes. */
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  readonly groups: readonly number[];
  readonly privileged: boolean;
  /** Names without CAP_, or ALL. */
  readonly addCapabilities: readonly string[];
  readonly dropCapabilities: readonly string[];
  readonly noNewPrivileges: boolean;
  readonly readOnlyRoot: boolean;
}

export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

export interface ExitStatus {
  /** As a container runtime counts: 128 + signal number when a signal ended it. */
  readonly exitCode: number;
  readonly signal?: NodeJS.Signals;
}

/** One started container: its first process. */
export interface ContainerProcess {
  readonly pid: number;
  readonly stdin?: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exit: Promise<ExitStatus>;
  /** Signals the first process only, as a container runtime does. */
  signal(name: NodeJS.Signals): void;
  /** SIGKILL to everything in the container. */
  kill(): void;
  exec(options: ProcessOptions): Promise<ExecProcess>;
  /** With a terminal: its size. */
  resize?(columns: number, rows: number): void;
  /** Bytes left at `terminationMessagePath`, at most 4096. */
  terminationMessage(): Promise<string>;
}

export interface ProcessOptions {
  readonly command: readonly string[];
  readonly stdin: boolean;
  readonly tty: boolean;
}

export interface ExecProcess {
  readonly stdin?: Writable;
  readonly stdout: Readable;
  /** Absent with a tty. */
  readonly stderr?: Readable;
  readonly exit: Promise<ExitStatus>;
  resize(columns: number, rows: number): void;
  /** SIGKILL to the process and its descendants: for probes and hooks that took too long. */
  kill(): void;
}

/** The command could not be started at all; `message` is worded as the OCI runtime words it. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
