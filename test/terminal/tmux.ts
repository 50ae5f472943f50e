import { spawnSync } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import * as assert from 'uvu/assert';

/** Whether this machine can give a test a terminal. */
export const hasTmux = spawnSync('tmux', ['-V']).status === 0;

/** How long a screen may take on a busy machine. */
const patienceMs = 30_000;

/** A terminal of a test's own, with a shell in it. */
export class Terminal {
  private readonly socket: string;

  /** @param startFile what the shell does first, as a file of its own */
  constructor(cwd: string, startFile: string, { columns, rows }: { columns: number; rows: number }) {
    this.socket = `rankfleet-test-${process.pid}-${terminals++}`;
    const { CI: _, NO_COLOR: __, FORCE_COLOR: ___, TMUX: ____, ...env } = process.env;
    const size = ['-x', String(columns), '-y', String(rows)];
    const { status, stderr } = spawnSync(
      'tmux',
      [
        '-L',
        this.socket,
        '-f',
        '/dev/null',
        'new-session',
        '-d',
        ...size,
        '-c',
        cwd,
        `bash --rcfile '${startFile}' -i`,
      ],
      { env, encoding: 'utf8' },
    );
    assert.is(status, 0, stderr);
  }

  private ask(...args: string[]): string {
    return spawnSync('tmux', ['-L', this.socket, ...args], { encoding: 'utf8' }).stdout;
  }

  /** Keys by their names in tmux, as `Down`, `C-c` or `x`. */
  press(...keys: string[]): void {
    for (const key of keys) this.ask('send-keys', key);
  }

  type(text: string): void {
    this.ask('send-keys', '-l', text);
  }

  run(command: string): void {
    this.type(command);
    this.press('Enter');
  }

  screen(): string {
    return this.ask('capture-pane', '-p');
  }

  /** With the codes of its colours. */
  painted(): string {
    return this.ask('capture-pane', '-p', '-e');
  }

  resize(columns: number, rows: number): void {
    this.ask('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** Whether the cursor is shown, and whether the screen beside the usual one is. */
  modes(): { cursor: boolean; alternate: boolean } {
    const [cursor, alternate] = this.ask('display', '-p', '#{cursor_flag} #{alternate_on}').trim().split(' ');
    return { cursor: cursor === '1', alternate: alternate === '1' };
  }

  /** The screen as soon as it matches. */
  async waitFor(pattern: RegExp, within = patienceMs): Promise<string> {
    const started = performance.now();
    for (;;) {
      const screen = this.screen();
      if (pattern.test(screen)) return screen;
      if (performance.now() - started > within) assert.unreachable(`no ${pattern} in\n${screen}`);
      await setTimeout(40);
    }
  }

  /** Presses keys and waits for what they bring about. */
  async see(pattern: RegExp, ...keys: string[]): Promise<string> {
    this.press(...keys);
    return this.waitFor(pattern);
  }

  stop(): void {
    this.ask('kill-server');
  }
}

let terminals = 0;
