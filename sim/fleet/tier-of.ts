import type { ArmDeployment, Tier } from '../../scenarios/deployment.ts';

/** The tier that a group of the task graph belongs to. */
export function tierOf({ main, sparse }: ArmDeployment, group: string): Tier {
  return group === 'main' ? main : sparse;
}
