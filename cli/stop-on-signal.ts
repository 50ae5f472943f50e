import { signalCodes } from './terminal.ts';

/**
 * The first signal asks to stop, the second one ends the process.
 * @param onStop called once, when the first one comes
 * @param reason of the abort; that of AbortController where there is none
 */
export function stopOnSignal(onStop: () => void, reason?: Error) {
  const controller = new AbortController();
  let name: keyof typeof signalCodes = 'SIGINT';
  const stop = (signal: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(signalCodes[name]);
    name = signal as typeof name;
    onStop();
    controller.abort(reason);
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
