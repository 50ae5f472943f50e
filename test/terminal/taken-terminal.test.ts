import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Screen } from '../../reports/terminal/screen.ts';
import { TakenTerminal } from '../../reports/terminal/taken-terminal.ts';

/** A stream that keeps what is written to it. */
class Written {
  text = '';
  rows = 3;
  readonly write = (text: string): boolean => {
    this.text += text;
    return true;
  };
}

const asStream = (written: Written) => written as unknown as NodeJS.WriteStream;
const asInput = { setRawMode: () => {} } as unknown as NodeJS.ReadStream;

const screens = suite('terminal: the screen');

screens('is drawn by the lines that changed', () => {
  const out = new Written();
  const screen = new Screen(asStream(out));
  screen.show('one\ntwo');
  assert.is(out.text, '', 'nothing before it is taken');
  screen.open();
  assert.match(out.text, /1049h.*\[1;1H.*one.*\[2;1H.*two/s);
  out.text = '';
  screen.redraw();
  assert.match(out.text, /\[2J.*one.*two/s);
  screen.close();
  out.text = '';
  screen.close();
  screen.redraw();
  screen.show('three');
  assert.is(out.text, '', 'nothing after it was given back');
});

screens('that is drawn again in no time is drawn once, with the last frame', async () => {
  const out = new Written();
  const screen = new Screen(asStream(out));
  screen.open();
  screen.show('a\nsame');
  await new Promise((resolve) => setTimeout(resolve, 60));
  out.text = '';
  screen.show('b\nsame');
  for (const last of 'cdefg') screen.show(`${last}\nsame`);
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.match(out.text, /g/);
  assert.not.match(out.text, /\[K[cdef]/);
  assert.not.match(out.text, /same/);
  screen.close();
});

screens('lines beyond the last row are not drawn', () => {
  const out = new Written();
  const screen = new Screen(asStream(out));
  screen.show('1\n2\n3\n4');
  screen.open();
  assert.match(out.text, /\[3;1H/);
  assert.not.match(out.text, /\[4;1H/);
  screen.close();
});

screens.run();

const taken = suite('terminal: taken and given back');

taken('what was said meanwhile is said afterwards, and nothing listens any more', async () => {
  const [out, err] = [new Written(), new Written()];
  const count = () =>
    ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGCONT', 'exit', 'uncaughtException'].map((event) =>
      process.listenerCount(event),
    );
  const before = count();
  const stderr = asStream(err);
  const terminal = new TakenTerminal({
    screen: new Screen(asStream(out)),
    stdin: asInput,
    stderr,
    onSignal: () => {},
  });
  terminal.take();
  assert.equal(
    count(),
    before.map((listeners) => listeners + 1),
  );
  let wasTold = false;
  stderr.write('a warning\n', () => {
    wasTold = true;
  });
  stderr.write(Buffer.from('of two lines\n'));
  await Promise.resolve();
  assert.ok(wasTold);
  assert.is(err.text, '');
  terminal.release();
  terminal.release();
  assert.is(err.text, 'a warning\nof two lines\n');
  assert.match(out.text, /1049l$/);
  assert.equal(count(), before);
});

taken('a signal is handed on, once', () => {
  const signals: string[] = [];
  const terminal = new TakenTerminal({
    screen: new Screen(asStream(new Written())),
    stdin: asInput,
    stderr: asStream(new Written()),
    onSignal: (signal) => signals.push(signal),
  });
  terminal.take();
  process.emit('SIGTERM', 'SIGTERM');
  assert.equal(signals, ['SIGTERM']);
  terminal.release();
});

taken.run();
