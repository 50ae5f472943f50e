import type { ArmDeployment } from '../../scenarios/deployment.ts';
import type { ArmResult } from '../result.ts';

/** Where an arm preprocesses, for its result; undefined where its model has no preprocessing. */
export function preprocessingOf({ preprocessing, serving }: ArmDeployment): ArmResult['preprocessing'] {
  if (!preprocessing) return undefined;
  const { device, missing, tier, overhead } = preprocessing;
  return {
    on: tier ? 'tier' : 'main',
    device,
    missing,
    assumed: serving.assume_kernels ?? [],
    ...(overhead && { overheadS: { from: overhead.fromS, to: overhead.toS, evidence: overhead.evidence } }),
  };
}
