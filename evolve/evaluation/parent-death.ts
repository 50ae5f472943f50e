import { loadKoffi } from '../../harness/devices/gpu-shared/native-libraries.ts';

const setParentDeathSignal = 1;
const killSignal = 9;

/**
 * Asks Linux to end this process when the one that started it ends: a kernel that never returns lets no other message
 * through. Elsewhere, or without the package that calls native libraries, nothing is asked.
 */
export async function dieWithParent(): Promise<void> {
  if (process.platform !== 'linux') return;
  const koffi = await loadKoffi([]);
  koffi?.load(null).func('prctl', 'int', ['int', 'ulong', 'ulong', 'ulong', 'ulong'])(
    ...[setParentDeathSignal, killSignal, 0, 0, 0],
  );
}
