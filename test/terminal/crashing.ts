import { packageRoot } from '../../foundation/files.ts';
import type { Library } from '../../reports/terminal/feed.ts';

/** An interface that breaks after its first frame: by an error of a timer, or as the next frame is made. */
const [, , how] = process.argv;

let frames = 0;

const library: Library = {
  place: 'a test',
  entries: [
    {
      source: 'first',
      kind: 'result',
      get details() {
        frames++;
        if (how === 'frame' && frames > 1) throw new Error('broken on purpose in a frame');
        if (how === 'timer' && frames === 1) setTimeout(breakNow, 1000);
        return [];
      },
    },
  ],
  open: () => {
    throw new Error('not opened in this test');
  },
};

function breakNow(): never {
  throw new Error('broken on purpose by a timer');
}

// As it was built: the sources have components that this folder's settings do not know how to compile.
const { drawOnTerminal } = await import(`${packageRoot}/dist/cli/terminal.js`);
try {
  await drawOnTerminal(library);
} catch (error) {
  process.stderr.write(`failed: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
