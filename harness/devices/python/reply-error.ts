import { CompileError, OutOfMemory, ProblemRefused, SourceRefused, Unsupported } from '../../device.ts';

/** What the worker says instead of a result. */
export interface ReplyError {
  kind: string;
  message: string;
  log?: string;
  rule?: string;
  traceback?: string;
  askedBytes?: number;
  freeBytes?: number | null;
}

/** The worker ended, spoke nonsense, or ran into an error of Python. */
export class WorkerFailure extends Error {
  /** Where Python was, if it told. */
  readonly traceback: string | undefined;
  /** The end of what the worker printed on standard error. */
  readonly stderr: string;

  constructor(message: string, { traceback, stderr = '' }: { traceback?: string; stderr?: string } = {}) {
    const printed = stderr.trim();
    super([message, traceback?.trim(), printed && `it printed:\n${printed}`].filter(Boolean).join('\n'));
    this.name = 'WorkerFailure';
    this.traceback = traceback;
    this.stderr = stderr;
  }
}

/** The error that a reply stands for; `what` was asked for. */
export function errorOf(reply: ReplyError, what: string, stderr: string): Error {
  switch (reply.kind) {
    case 'compile':
      return new CompileError(what, reply.log ?? reply.message);
    case 'out-of-memory':
      return new OutOfMemory(reply.askedBytes ?? 0, reply.freeBytes ?? undefined);
    case 'unsupported':
      return new Unsupported(reply.message);
    case 'problem':
      return new ProblemRefused(reply.message);
    case 'cheat':
      return new SourceRefused(reply.rule ?? 'unknown', reply.message);
    case 'run':
      return new WorkerFailure(
        `${what}: ${reply.message}`,
        reply.log === undefined ? {} : { traceback: reply.log },
      );
    case 'python': {
      const traceback = reply.traceback === undefined ? {} : { traceback: reply.traceback };
      return new WorkerFailure(`${what}: ${reply.message}`, { ...traceback, stderr });
    }
    default:
      return new WorkerFailure(`${what}: ${reply.message}`, { stderr });
  }
}
