import { setImmediate } from 'node:timers/promises';
import { cleanup, render } from 'ink-testing-library';
import stringWidth from 'string-width';
import * as assert from 'uvu/assert';
import { tools } from '../../cli/terminal.ts';
import type { Subject } from '../../reports/subject.ts';
import { App } from '../../reports/terminal/app.tsx';
import type { Effect } from '../../reports/terminal/context.ts';
import { type Exporter, type Feed, type Library, stillFeed } from '../../reports/terminal/feed.ts';
import { Viewer } from '../../reports/terminal/viewer.ts';

export const up = '\x1b[A';
export const down = '\x1b[B';
export const right = '\x1b[C';
export const left = '\x1b[D';
export const pageUp = '\x1b[5~';
export const pageDown = '\x1b[6~';
export const home = '\x1b[H';
export const end = '\x1b[F';
export const tab = '\t';
export const shiftTab = '\x1b[Z';
export const esc = '\x1b';
export const enter = '\r';
export const backspace = '\x7f';

export interface Size {
  columns: number;
  rows: number;
}

/** An interface in memory: keys go in, frames come out, files are kept in a map. */
export class TestScreen {
  readonly files = new Map<string, string>();
  readonly effects: Effect[] = [];
  readonly viewer: Viewer;
  private readonly size: Size;
  private readonly ink: ReturnType<typeof render>;

  constructor(shown: Feed | Library, size: Size, hasColour = false) {
    this.size = size;
    this.viewer = new Viewer({
      shown,
      tools,
      files: {
        exists: (file) => this.files.has(file),
        write: (file, text) => {
          if (file.includes('nowhere')) throw new Error(`${file} cannot be written: permission denied\nmore`);
          this.files.set(file, text);
        },
      },
      ...size,
      onEffect: (effect) => this.effects.push(effect),
    });
    this.ink = render(<App viewer={this.viewer} hasColour={hasColour} />);
  }

  async press(...keys: string[]): Promise<void> {
    await setImmediate();
    for (const key of keys) {
      this.ink.stdin.write(key);
      // A lone escape waits for what may follow it.
      await setImmediate();
      await setImmediate();
    }
  }

  /** Lines of the screen; each fits, and there are as many as the screen has. */
  lines(): string[] {
    const lines = this.ink.lastFrame()!.split('\n');
    assert.is(lines.length, this.size.rows, 'as many lines as rows');
    for (const line of lines) assert.ok(stringWidth(line) <= this.size.columns, line);
    return lines;
  }

  text(): string {
    return this.lines().join('\n');
  }

  /** What the panel to the right of the list shows. */
  panel(): string {
    return this.lines()
      .slice(3, -2)
      .map((line) => line.slice(line.indexOf('│') + 1).trim())
      .join('\n');
  }

  /** The list: its lines below the titles. */
  list(): string[] {
    return this.lines()
      .slice(5, -2)
      .map((line) => line.slice(0, line.indexOf('│')).trimEnd());
  }

  /** The first word of the message line, or all of it. */
  message(): string {
    return this.lines().at(-2)!.trim();
  }

  openTab(): string {
    return /\[\d (\w+)\]/.exec(this.lines()[1])![1];
  }
}

export function screenOf(subject: Subject, size: Size, exporters: Exporter[] = []): TestScreen {
  return new TestScreen(stillFeed({ subject, exporters }), size);
}

export { cleanup };
