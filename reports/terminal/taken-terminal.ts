import type { Screen } from './screen.ts';

export type EndingSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

const endingSignals: readonly EndingSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Milliseconds in which a process stops that was told to. */
const stopMs = 50;

interface Options {
  screen: Screen;
  stdin: NodeJS.ReadStream;
  stderr: NodeJS.WriteStream;
  onSignal(signal: EndingSignal): void;
}

/**
 * Keeps the terminal while the interface is open. Whatever ends the process, a signal or an error, the usual screen
 * comes back first; what was written to stderr meanwhile is written then.
 */
export class TakenTerminal {
  private readonly options: Options;
  private readonly handlers: [event: string, handler: (value: never) => void][];
  private readonly writeError: NodeJS.WriteStream['write'];
  private held = '';
  private isTaken = false;

  constructor(options: Options) {
    this.options = options;
    this.writeError = options.stderr.write;
    this.handlers = [
      ...endingSignals.map((signal): [string, () => void] => [signal, () => options.onSignal(signal)]),
      ['SIGCONT', () => this.resume()],
      ['exit', () => this.release()],
      ['uncaughtException', (error: Error) => this.crash(error)],
    ];
  }

  take(): void {
    this.isTaken = true;
    const { screen, stderr } = this.options;
    stderr.write = ((text: string | Uint8Array, ...rest: unknown[]) => {
      this.held += typeof text === 'string' ? text : Buffer.from(text).toString();
      const written = rest.find((argument) => typeof argument === 'function');
      if (written) queueMicrotask(written as () => void);
      return true;
    }) as typeof stderr.write;
    for (const [event, handler] of this.handlers) process.on(event, handler as () => void);
    screen.open();
  }

  release(): void {
    if (!this.isTaken) return;
    this.isTaken = false;
    const { screen, stderr } = this.options;
    for (const [event, handler] of this.handlers) process.off(event, handler as () => void);
    screen.close();
    stderr.write = this.writeError;
    if (this.held !== '') stderr.write(this.held);
    this.held = '';
  }

  /** Stops the processes of this terminal's foreground, as Ctrl-Z does; where nobody can go on with them, goes on. */
  suspend(): void {
    const { screen, stdin } = this.options;
    stdin.setRawMode(false);
    screen.close();
    process.kill(0, 'SIGTSTP');
    setTimeout(() => this.resume(), stopMs);
  }

  private resume(): void {
    if (!this.isTaken) return;
    const { screen, stdin } = this.options;
    // What continued the process may have changed the terminal; Node sets the mode only where it thinks that it changes.
    stdin.setRawMode(false);
    stdin.setRawMode(true);
    screen.open();
  }

  private crash(error: Error): never {
    this.options.stdin.setRawMode(false);
    this.release();
    const { message, stack } = error;
    this.options.stderr.write(`rankfleet failed: ${process.env.RANKFLEET_DEBUG ? stack : message}\n`);
    process.exit(1);
  }
}
