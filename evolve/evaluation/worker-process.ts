import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../foundation/files.ts';
import { type DeviceDescription, DeviceUnavailable } from '../../harness/device.ts';
import type {
  DeviceChoice,
  Evaluated,
  FromWorker,
  Job,
  KnownShape,
  RememberedReference,
  Stage,
  ToWorker,
} from './messages.ts';
import { sandboxCommand, sandboxEnvironment } from './sandbox.ts';

/** Seconds that a stage may take for one shape, before the process is killed. */
export type StageLimits = Record<Stage, number>;

export const usualLimits: StageLimits = { open: 300, compile: 120, check: 60, reference: 300, time: 120 };

export interface WorkerOptions {
  device: DeviceChoice;
  /** Whether references may come from a framework of Python. */
  usesPython: boolean;
  limits: StageLimits;
  /** Module that runs in the process. */
  script: string;
  /** Whether the process is cut off from the network where the system allows it. */
  isOffline: boolean;
}

/** Workers cannot load TypeScript sources. */
export const workerScript = join(packageRoot, 'dist/evolve/evaluation/evaluation-worker.js');

/** How a worker came to its end, or what it said instead of an evaluation. */
export class WorkerEnded extends Error {
  readonly stage: Stage;
  /** What it was at: sizes of a shape. */
  readonly what: string;
  /** `stuck`: killed by the watchdog; `crashed`: by itself; `broken`: it says that evaluating broke down. */
  readonly how: 'stuck' | 'crashed' | 'broken' | 'ended';
  readonly signal: string | undefined;
  constructor(how: WorkerEnded['how'], message: string, stage: Stage, what: string, signal?: string) {
    super(message);
    this.how = how;
    this.stage = stage;
    this.what = what;
    this.signal = signal;
  }
}

/** Who decides when a worker has the device, and keeps what it has learnt. */
export interface Host {
  /** Asked when the worker is ready: what references are known once the device is its own, or that it is to make them. */
  admit(): Promise<readonly KnownShape[] | 'prepare'>;
  learn(reference: RememberedReference): void;
}

/** Milliseconds that a killed process may take to go: drivers clean up first. */
const longestEndMs = 60_000;

/** Characters kept of what a worker printed. */
const keptOutput = 2000;

/** One evaluation worker, from its start to its end. It answers one request at a time. */
export class WorkerProcess {
  private readonly child: ChildProcess;
  private readonly folder: string;
  private readonly limits: StageLimits;
  private readonly exited: Promise<void>;
  private watchdog: NodeJS.Timeout | undefined;
  private stage: Stage = 'open';
  private what = '';
  private output = '';
  private waiting: { resolve: (message: FromWorker) => void; reject: (error: Error) => void } | undefined;
  private host: Host | undefined;
  private isOver = false;
  /** Whether it sees no network. */
  readonly isOffline: boolean;

  constructor({ limits, script, isOffline: wantsOffline }: WorkerOptions) {
    this.limits = limits;
    this.folder = mkdtempSync(join(tmpdir(), 'rankfleet-evaluation-'));
    const { command, isOffline } = sandboxCommand([process.execPath, script], wantsOffline);
    this.isOffline = isOffline;
    const [program, ...args] = command;
    this.child = spawn(program, args, {
      cwd: this.folder,
      env: sandboxEnvironment(process.env, this.folder),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced',
      // A group of its own: what it starts is ended with it.
      detached: true,
    });
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output = (this.output + text).slice(-keptOutput);
      });
    }
    this.child.on('message', (message: FromWorker) => this.take(message));
    this.exited = new Promise((resolve) => {
      const end = (message: string, signal?: string) => {
        this.fail(new WorkerEnded('crashed', message, this.stage, this.what, signal));
        this.isOver = true;
        rmSync(this.folder, { recursive: true, force: true });
        resolve();
      };
      this.child.on('error', (error) => {
        if (this.child.pid === undefined) end(`could not be started: ${error.message}`);
      });
      // What it has started may hold its output open.
      this.child.once('exit', () => this.killGroup());
      this.child.once('close', (code, signal) =>
        end(signal ? `was ended by ${signal}` : `exited with code ${code}`, signal ?? undefined),
      );
    });
  }

  /** @throws DeviceUnavailable; WorkerEnded */
  async open(device: DeviceChoice, usesPython: boolean): Promise<DeviceDescription> {
    const reply = await this.ask({ kind: 'open', device, usesPython }, 'open');
    if (reply.kind === 'unavailable') throw new DeviceUnavailable(reply.backend, reply.looked);
    if (reply.kind !== 'opened') throw this.ended('broken', `answered ${reply.kind}`);
    return reply.description;
  }

  /**
   * @throws WorkerEnded; what the host throws
   */
  async evaluate(job: Job, host: Host): Promise<Evaluated> {
    this.host = host;
    const reply = await this.ask({ kind: 'evaluate', job }, 'compile');
    if (reply.kind !== 'evaluated') throw this.ended('broken', `answered ${reply.kind}`);
    return reply;
  }

  /**
   * Ends the process and all that it started, at once. Resolves when it is gone.
   * @throws Error when it does not go: its device hangs
   */
  async kill(reason?: Error): Promise<void> {
    this.fail(reason ?? this.ended('ended', 'was ended'));
    if (!this.isOver) this.killGroup();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const error = new Error(`process ${this.child.pid} cannot be ended: its device hangs`);
      timer = setTimeout(() => reject(error), longestEndMs);
    });
    await Promise.race([this.exited, late]).finally(() => clearTimeout(timer));
  }

  private ask(message: ToWorker, stage: Stage): Promise<FromWorker> {
    this.output = '';
    const reply = new Promise<FromWorker>((resolve, reject) => {
      this.waiting = { resolve, reject };
    });
    if (this.isOver) this.fail(this.ended('crashed', 'has ended'));
    else {
      this.watch(stage, '');
      this.child.send(message);
    }
    return reply;
  }

  private take(message: FromWorker): void {
    if (message.kind === 'timed reference') {
      this.host?.learn(message.reference);
      return;
    }
    clearTimeout(this.watchdog);
    if (message.kind === 'stage') this.watch(message.stage, message.what);
    else if (message.kind === 'ready') this.goWhenReady().catch((error: Error) => this.fail(error));
    else if (message.kind === 'broken') this.fail(this.ended('broken', message.message));
    else {
      this.waiting?.resolve(message);
      this.waiting = undefined;
    }
  }

  private async goWhenReady(): Promise<void> {
    const answer = await this.host!.admit();
    if (this.isOver) return;
    this.watch(this.stage, this.what);
    const order: ToWorker = answer === 'prepare' ? { kind: 'prepare' } : { kind: 'go', known: answer };
    this.child.send(order);
  }

  private watch(stage: Stage, what: string): void {
    this.stage = stage;
    this.what = what;
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => {
      this.fail(this.ended('stuck', `did not end within ${this.limits[stage]} s`));
      this.killGroup();
    }, this.limits[stage] * 1000);
  }

  private ended(how: WorkerEnded['how'], message: string): WorkerEnded {
    return new WorkerEnded(how, message, this.stage, this.what);
  }

  private fail(error: Error): void {
    clearTimeout(this.watchdog);
    const printed = this.output.trim();
    if (error instanceof WorkerEnded && error.how === 'crashed' && printed) error.message += `\n${printed}`;
    this.waiting?.reject(error);
    this.waiting = undefined;
  }

  private killGroup(): void {
    const { pid } = this.child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // The group has ended by itself.
    }
  }
}
