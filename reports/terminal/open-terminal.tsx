import { EventEmitter } from 'node:events';
import { render } from 'ink';
import { App } from './app.tsx';
import type { Effect } from './context.ts';
import { Screen } from './screen.ts';
import { type EndingSignal, TakenTerminal } from './taken-terminal.ts';
import { Viewer, type ViewerOptions } from './viewer.ts';

/** How a person left: quit, stopped what runs, or a signal did. */
export type Ending = { kind: 'quit' | 'stop' } | { kind: 'signal'; signal: EndingSignal };

export type TerminalOptions = Omit<ViewerOptions, 'columns' | 'rows' | 'onEffect'> & {
  /** Closes the terminal when there is no more reason to look. */
  signal?: AbortSignal | undefined;
};

/** Shows answers on the whole terminal until a person leaves. */
export async function openTerminal({ signal: closing, ...options }: TerminalOptions): Promise<Ending> {
  const { stdin, stdout, stderr } = process;
  const screen = new Screen(stdout);
  let leave: (ending: Ending) => void = () => {};
  const left = new Promise<Ending>((resolve) => {
    leave = resolve;
  });
  const terminal = new TakenTerminal({
    screen,
    stdin,
    stderr,
    onSignal: (signal) => leave({ kind: 'signal', signal }),
  });
  const onEffect = ({ kind }: Effect) => {
    if (kind === 'suspend') terminal.suspend();
    else if (kind === 'redraw') screen.redraw();
    else if (kind === 'interrupt') leave({ kind: 'signal', signal: 'SIGINT' });
    else if (kind === 'quit' || kind === 'stop') leave({ kind });
  };
  const viewer = new Viewer({ ...options, ...sizeOf(stdout), onEffect });
  const resized = () => {
    const { columns, rows } = sizeOf(stdout);
    screen.redraw();
    viewer.resize(columns, rows);
  };
  stdout.on('resize', resized);
  closing?.addEventListener('abort', () => leave({ kind: 'quit' }), { once: true });
  terminal.take();
  const ink = render(<App viewer={viewer} hasColour={stdout.getColorDepth() > 1} />, {
    stdout: frameReader(screen),
    stdin,
    // Every frame whole, as it is: the screen finds out what changed.
    debug: true,
    exitOnCtrlC: false,
    patchConsole: false,
  });
  try {
    return await Promise.race([left, ink.waitUntilExit().then((): Ending => ({ kind: 'quit' }))]);
  } finally {
    stdout.off('resize', resized);
    viewer.close();
    ink.unmount();
    terminal.release();
  }
}

function sizeOf({ columns, rows }: NodeJS.WriteStream): { columns: number; rows: number } {
  return { columns: columns || 80, rows: rows || 24 };
}

/**
 * What Ink takes for its output: frames go to the screen. Lines come as wide as they are; the room that Ink blanks
 * before it draws them is no wider than it has to be.
 */
function frameReader(screen: Screen): NodeJS.WriteStream {
  const stream = Object.assign(new EventEmitter(), {
    columns: 1,
    write: (frame: string) => {
      screen.show(frame);
      return true;
    },
  });
  return stream as unknown as NodeJS.WriteStream;
}
