import { signalCodes } from '../terminal.ts';

/** The first signal asks to stop, the second one ends the process. */
export function stopOnSignal() {
  const controller = new AbortController();
  let name: keyof typeof signalCodes = 'SIGINT';
  const stop = (signal: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(signalCodes[name]);
    name = signal as typeof name;
    process.stderr.write('\nstopping; what was evaluated is kept (again: stop now)\n');
    controller.abort(new Error('stopped'));
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return {
    signal: controller.signal,
    why: () => ({ word: name, code: signalCodes[name] }),
    release: () => {
      process.off('SIGINT', stop).off('SIGTERM', stop);
    },
  };
}
