import { stopOnSignal } from '../stop-on-signal.ts';

/** Stops work on kernels on a signal, and says what becomes of it. */
export function stopSearch() {
  return stopOnSignal(
    () => process.stderr.write('\nstopping; what was evaluated is kept (again: stop now)\n'),
    new Error('stopped'),
  );
}
