import { type Evidence, type Evidenced, weakest } from '../../foundation/evidence.ts';
import type { InputError } from '../../foundation/problem.ts';
import { preprocessingKernels } from '../../hardware-profiles/kernels.ts';
import type { Device, PeakDataType } from '../../hardware-profiles/profile.ts';
import type { DenseDataType, DenseOperator, OperatorKind } from '../../models/model.ts';
import { atCandidates } from '../../models/operators.ts';
import { coreRoofs, missingFigure } from './roofs.ts';

/** One execution unit as the roofline sees it: a CPU core, or a whole accelerator. */
export interface Roofline {
  device: string;
  peakFlopPerS(dataType: DenseDataType): number;
  bandwidthBytesPerS: number;
  /** Integer steps and comparisons of feature transforms: a CPU core takes one a cycle (assumed). */
  stepsPerS(): number;
  /** Share of the peaks reached by matrix operators and by all others. */
  matrixEfficiency: number;
  streamEfficiency: number;
  overheadS: number;
  /** The weakest evidence among the figures above. */
  evidence: Evidence;
}

/**
 * One physical core of a CPU: an equal share of its peak. Weights and activations of a batch stay in cache, so
 * dense operators read at cache speed.
 */
export function coreRoofline(cpu: Device): Roofline {
  const { peakFlopPerS, memoryBytesPerS, cacheBytesPerS } = coreRoofs(cpu);
  return {
    device: cpu.name,
    // A CPU without the arithmetic of a type computes in fp32.
    peakFlopPerS: (type) =>
      (peakFlopPerS[type] ?? peakFlopPerS.fp32 ?? raise(missingFigure(cpu, 'peak.fp32'))).value,
    bandwidthBytesPerS: cacheBytesPerS.value,
    stepsPerS: () => (cpu.clockHz ?? raise(missingFigure(cpu, 'clock'))).value,
    matrixEfficiency: cpu.efficiency.dense.value,
    streamEfficiency: cpu.efficiency.stream.value,
    overheadS: cpu.launchOverheadS.value,
    evidence: weakestOf([
      cpu.cores!,
      memoryBytesPerS,
      cpu.efficiency.dense,
      cpu.efficiency.stream,
      cpu.launchOverheadS,
    ]),
  };
}

/** A whole accelerator. @throws InputError when an operator needs a peak that the profile lacks. */
export function acceleratorRoofline(device: Device): Roofline {
  return {
    device: device.name,
    peakFlopPerS: (type) => peak(device, type).value,
    bandwidthBytesPerS: device.memory.bandwidthBytesPerS.value,
    stepsPerS: () => peak(device, 'fp32').value * device.efficiency.stream.value,
    matrixEfficiency: device.efficiency.dense.value,
    streamEfficiency: device.efficiency.stream.value,
    overheadS: device.launchOverheadS.value,
    evidence: weakestOf([device.memory.bandwidthBytesPerS, device.efficiency.dense, device.launchOverheadS]),
  };
}

const matrixKinds: readonly OperatorKind[] = ['gemm', 'cross-low-rank', 'attention', 'fused-mlp'];
const transformKinds: readonly OperatorKind[] = preprocessingKernels;

/**
 * Time of one dense operator for a batch of n candidates (s):
 * overhead + max(FLOPs / (peak × efficiency), bytes / (bandwidth × efficiency)).
 */
export function operatorSeconds(operator: DenseOperator, candidates: number, unit: Roofline): number {
  const flopPerS = arithmeticPerS(operator, unit);
  const bytesPerS = unit.bandwidthBytesPerS * unit.streamEfficiency;
  const flops = atCandidates(operator.flops, candidates);
  const bytes = atCandidates(operator.bytes, candidates);
  return unit.overheadS + Math.max(flops / flopPerS, bytes / bytesPerS);
}

function arithmeticPerS({ kind, dataType }: DenseOperator, unit: Roofline): number {
  if (transformKinds.includes(kind)) return unit.stepsPerS();
  const efficiency = matrixKinds.includes(kind) ? unit.matrixEfficiency : unit.streamEfficiency;
  return unit.peakFlopPerS(dataType) * efficiency;
}

/** Time of several dense operators, one after the other, by batch size; computed once per size. */
export function denseSeconds(
  operators: readonly DenseOperator[],
  unit: Roofline,
): (candidates: number) => number {
  const known = new Map<number, number>();
  return (candidates) => {
    let seconds = known.get(candidates);
    if (seconds === undefined) {
      seconds = operators.reduce((sum, operator) => sum + operatorSeconds(operator, candidates, unit), 0);
      known.set(candidates, seconds);
    }
    return seconds;
  };
}

function peak(device: Device, type: PeakDataType): Evidenced {
  const value = device.peakFlopPerS[type];
  if (!value) throw missingFigure(device, `peak.${type}`);
  return value;
}

function raise(error: InputError): never {
  throw error;
}

function weakestOf(fields: Evidenced[]): Evidence {
  return fields.map(({ evidence }) => evidence).reduce(weakest);
}
