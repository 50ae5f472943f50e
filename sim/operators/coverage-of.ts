import type { ArmDeployment } from '../../scenarios/deployment.ts';
import { acceleratorsPerBatch } from '../serving/host-groups.ts';
import { type ArmPlan, typicalBatch, typicalRequest } from '../serving/plan.ts';
import type { Piece } from '../sharding/placement.ts';
import { acceleratorRunner, type Coverage, coreRunner } from './coverage.ts';
import { denseOn, transformsOn } from './dense.ts';
import { lookupsOn } from './device-lookups.ts';
import { gathersOnHosts } from './host-gathers.ts';
import { copiesByNet, copiesOfBatch } from './links.ts';
import { wholeTables } from './table-reads.ts';

/**
 * The operators of an arm and what their times rest on, device by device, at a typical batch: of one user, with the
 * means of all that is random. An arm that offloads has two batches, one on its cores and one on its accelerators.
 * @param plan where the tables lie, and what caches hold of them; without it all rows come from memory, and
 *   accelerators that share the tables hold as many of them each
 */
export function coverageOf(arm: ArmDeployment, plan?: ArmPlan): Coverage[] {
  const { accelerated, main, preprocessing, serving } = arm;
  const isOffloaded = serving.offload_threshold !== undefined;
  const onCores = !accelerated || isOffloaded;
  const candidates = typicalBatch(arm);
  const { tier } = preprocessing ?? {};
  return [
    ...(accelerated ? onAccelerator(arm, isOffloaded ? typicalRequest(arm) : candidates, plan) : []),
    ...(onCores ? denseOn(coreRunner(main.host), arm, candidates) : []),
    ...(onCores || accelerated?.tables === 'host' ? gathersOnHosts(arm, candidates, plan) : []),
    ...(onCores && !tier ? transformsOn(coreRunner(main.host), arm, candidates) : []),
    ...(tier ? transformsOn(coreRunner(tier.host), arm, typicalRequest(arm)) : []),
  ];
}

function onAccelerator(arm: ArmDeployment, candidates: number, plan: ArmPlan | undefined): Coverage[] {
  const { main, accelerated, preprocessing } = arm;
  const runner = acceleratorRunner(main.host);
  const holders = plan?.device?.pieces ?? presumedHolders(arm);
  // Accelerators that share the tables share a batch's candidates, too.
  const own = Math.ceil(candidates / holders.length);
  return [
    ...denseOn(runner, arm, own),
    ...(accelerated!.tables === 'host'
      ? copiesByNet(runner, arm, candidates, plan)
      : [
          ...lookupsOn(runner, arm, candidates, holders),
          ...copiesOfBatch(runner, arm, candidates, holders, plan),
        ]),
    ...(preprocessing?.tier ? [] : transformsOn(runner, arm, own)),
  ];
}

/** The tables of each accelerator that serves a batch with others, before they were placed. */
function presumedHolders(arm: ArmDeployment): Piece[][] {
  const count = acceleratorsPerBatch(arm.accelerated!);
  const whole = wholeTables(arm);
  return Array.from({ length: count }, (_, holder) => whole.filter((_, table) => table % count === holder));
}
