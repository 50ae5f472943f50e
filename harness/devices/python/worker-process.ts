import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { WorkerCommand } from './interpreter.ts';
import { errorOf, type ReplyError, WorkerFailure } from './reply-error.ts';

/** Characters kept of what the worker printed on standard error. */
const keptStderr = 8192;

/** Milliseconds that a worker gets to end by itself. */
const endMs = 2000;

interface Waiting {
  /** What was asked for, as an error names it. */
  what: string;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** A worker process that answers JSON lines: `{id, method, params}` in, `{id, result}` or `{id, error}` out. */
export class WorkerProcess {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly waiting = new Map<number, Waiting>();
  private readonly exited: Promise<void>;
  private stderr = '';
  private lastId = 0;
  /** Why no more requests are answered. */
  private ended?: Error;

  constructor({ interpreter, arguments: list }: WorkerCommand) {
    this.child = spawn(interpreter, list, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr = (this.stderr + text).slice(-keptStderr);
    });
    createInterface({ input: this.child.stdout }).on('line', (line) => this.take(line));
    // A write to a worker that has just ended: its end is reported by itself.
    this.child.stdin.on('error', () => {});
    this.exited = new Promise((resolve) => {
      this.child.once('error', (error) => {
        this.end(error);
        resolve();
      });
      this.child.once('close', (code, signal) => {
        this.end(this.failure(signal ? `was killed by ${signal}` : `exited with code ${code}`));
        resolve();
      });
    });
  }

  /**
   * The result of one request; `what` names it in errors.
   * @throws the error that the worker answers with (CompileError, OutOfMemory, Unsupported, WorkerFailure);
   *   WorkerFailure when it has ended or says what is no reply; the system's error when it could not be started
   */
  async request<Result>(method: string, params: object = {}, what = method): Promise<Result> {
    if (this.ended) throw this.ended;
    const id = ++this.lastId;
    const answer = new Promise((resolve, reject) => this.waiting.set(id, { what, resolve, reject }));
    this.child.stdin.write(`${JSON.stringify({ id, method, params })}\n`);
    return (await answer) as Result;
  }

  /** Ends the worker: by itself where it is idle, by force where it is not. Resolves when it is gone. */
  async close(): Promise<void> {
    this.end(this.failure('was closed'));
    this.child.stdin.end();
    const force = setTimeout(() => this.child.kill('SIGKILL'), endMs);
    await this.exited;
    clearTimeout(force);
  }

  private take(line: string): void {
    const reply = parseReply(line);
    const waiting = reply && this.waiting.get(reply.id);
    if (!waiting) {
      if (this.ended) return;
      this.end(this.failure(`said what is no reply: ${line.slice(0, 200)}`));
      this.child.kill('SIGKILL');
      return;
    }
    this.waiting.delete(reply.id);
    if (reply.error) waiting.reject(errorOf(reply.error, waiting.what, this.stderr));
    else waiting.resolve(reply.result);
  }

  private failure(message: string): WorkerFailure {
    return new WorkerFailure(`the Python worker ${message}`, { stderr: this.stderr });
  }

  private end(error: Error): void {
    this.ended ??= error;
    for (const { reject } of this.waiting.values()) reject(this.ended);
    this.waiting.clear();
  }
}

function parseReply(line: string): { id: number; result?: unknown; error?: ReplyError } | undefined {
  try {
    const reply = JSON.parse(line);
    const isReply =
      typeof reply?.id === 'number' && ('result' in reply || typeof reply.error?.kind === 'string');
    return isReply ? reply : undefined;
  } catch {
    return undefined;
  }
}
