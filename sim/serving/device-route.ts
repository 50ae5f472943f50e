import type { AcceleratorUnit } from '../cost/cost-unit.ts';
import type { BatchTotals } from './batch-totals.ts';
import type { DeviceTasks, Route } from './build-graph.ts';
import { DeviceTime } from './device-time.ts';
import type { ArmPlan } from './plan.ts';

/** Writes what a batch needs whose tables lie on accelerators. */
export class DeviceRoute {
  private readonly first: number;
  private readonly last: number;
  private readonly tasks: DeviceTasks;
  private readonly offsets: Int32Array;
  private readonly time: DeviceTime;
  private readonly overheadS: number;
  private readonly serviceS: number;

  constructor(plan: ArmPlan, { first, last, device }: Route, offsets: Int32Array, unit: AcceleratorUnit) {
    const { serving, model } = plan.arm;
    this.first = first;
    this.last = last;
    this.tasks = device!;
    this.offsets = offsets;
    this.time = new DeviceTime(plan.arm, plan.device!.pieces, unit);
    this.overheadS = serving.net_overhead * model.nets.length;
    this.serviceS = serving.rpc_service;
  }

  fill(totals: BatchTotals, work: Float64Array, offset: number): void {
    const { offsets, tasks } = this;
    const stages = this.time.of(totals);
    work[offset + offsets[this.first]] = 0;
    const prepare = offset + offsets[tasks.prepare];
    work[prepare] = this.overheadS;
    work[prepare + 1] = this.serviceS;
    work[offset + offsets[tasks.copyIn]] = stages.copyIn;
    if (tasks.preprocess >= 0) work[offset + offsets[tasks.preprocess]] = stages.preprocess;
    if (tasks.misses >= 0) work[offset + offsets[tasks.misses]] = stages.misses > 0 ? stages.misses : -1;
    const run = offset + offsets[tasks.run];
    work[run] = stages.dense;
    work[run + 1] = stages.sparse;
    work[run + 2] = stages.exchange;
    work[offset + offsets[tasks.copyOut]] = stages.copyOut;
    work[offset + offsets[this.last]] = this.serviceS;
  }
}
