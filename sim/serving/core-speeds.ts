import type { ArmDeployment } from '../../scenarios/deployment.ts';
import { type TaskGraph, workOffsets } from '../engine/task-graph.ts';
import { cores, tierGroup } from './host-groups.ts';

/** What if the cores of hosts were faster: the work values that are seconds of a core, and by what they change. */
export interface CoreSpeeds {
  /** Changes the work values of an instance, which begin at `offset`; those of skipped tasks stay. */
  apply(work: Float64Array, offset: number): void;
}

/** @returns undefined where cores are as fast as their hosts' files say */
export function coreSpeeds(
  { main, sparse, preprocessing }: Pick<ArmDeployment, 'main' | 'sparse' | 'preprocessing'>,
  { groups, slots, tasks }: TaskGraph,
): CoreSpeeds | undefined {
  const ofMain = main.speed?.cores ?? 1;
  const ofSparse = sparse.speed?.cores ?? 1;
  const ofTier = preprocessing?.tier?.speed?.cores ?? 1;
  if (ofMain === 1 && ofSparse === 1 && ofTier === 1) return undefined;
  const speedOf = (group: string) =>
    group === 'main' ? ofMain : group === tierGroup ? ofTier : group.startsWith('shard ') ? ofSparse : 1;
  const offsets = workOffsets(tasks);
  const changed = tasks.flatMap((task, index) => {
    if (task.kind !== 'compute' || task.pool !== cores) return [];
    const { name, perEntryHost } = groups[slots[task.slot].group];
    if (perEntryHost !== undefined) return [];
    const times = 1 / speedOf(name);
    // Rows that cores share memory for are bytes, not seconds.
    return task.phases.flatMap(({ shared }, phase) =>
      shared || times === 1 ? [] : [{ at: offsets[index] + phase, times }],
    );
  });
  const at = Int32Array.from(changed, (one) => one.at);
  const times = Float64Array.from(changed, (one) => one.times);
  return {
    apply: (work, offset) => {
      for (let i = 0; i < at.length; i++) if (work[offset + at[i]] > 0) work[offset + at[i]] *= times[i];
    },
  };
}
