import type { Evidence } from '../foundation/evidence.ts';
import type { DenseOperator } from '../models/model.ts';
import type { ArmDeployment } from '../scenarios/deployment.ts';
import { acceleratorUnit, type CostUnit, coreUnit, type OperatorTime } from './cost/cost-unit.ts';
import { gatherBandwidth } from './cost/gather-bandwidth.ts';
import { callsOf } from './cost/operator-calls.ts';
import { remapLookup } from './cost/remap-lookup.ts';
import { typicalBatch, typicalRequest } from './serving/plan.ts';
import { tablesOf } from './sharding/placement.ts';

/** What the time of one operator on one device rests on. */
export interface Coverage {
  device: string;
  /** Operator of the model, or the kind of lookup, copy or exchange. */
  operator: string;
  kind: string;
  dataType: string;
  /** Shape at a typical batch. */
  shape: string;
  /** `published`: by others; `missing`: nobody measured it here or on a like device, so a datasheet roofline stands in. */
  state: 'measured' | 'fitted' | 'transferred' | 'published' | 'missing';
  evidence: Evidence;
  seconds: number;
  logError: number;
  /** Whether it transforms raw features before the first net. */
  isPreprocessing?: true;
}

/** What the operators of an arm rest on, device by device, at a typical batch. */
export function coverageOf(arm: ArmDeployment): Coverage[] {
  const candidates = typicalBatch(arm);
  const operators = arm.model.nets.flatMap((net) => net.operators);
  const { accelerated, main, serving } = arm;
  const onCpu = !accelerated || serving.offload_threshold !== undefined;
  return [
    ...(accelerated ? onAccelerator(arm, operators, candidates) : []),
    ...(onCpu ? denseOn(coreUnit(main.host), operators, candidates) : []),
    ...gathersOnHosts(arm),
    ...preprocessingOf(arm),
  ];
}

/** Transforms of raw features, where they run, all launches together. */
function preprocessingOf(arm: ArmDeployment): Coverage[] {
  const { model, preprocessing, accelerated, main, serving } = arm;
  const operators = model.preprocessing;
  if (!operators || !preprocessing) return [];
  const { tier } = preprocessing;
  const isOffloaded = serving.offload_threshold !== undefined;
  const onMain = [
    ...(accelerated ? [acceleratorUnit(main.host)] : []),
    ...(!accelerated || isOffloaded ? [coreUnit(main.host)] : []),
  ];
  const candidates = tier ? typicalRequest(arm) : typicalBatch(arm);
  return (tier ? [coreUnit(tier.host)] : onMain).flatMap((unit) =>
    denseOn(unit, operators, candidates).map((line, index) => ({
      ...line,
      seconds: line.seconds * operators[index].launches,
      isPreprocessing: true as const,
    })),
  );
}

function denseOn(unit: CostUnit, operators: readonly DenseOperator[], candidates: number): Coverage[] {
  return operators.map((operator) => ({
    ...stateOf(unit, unit.operator(operator, candidates)),
    operator: operator.name,
    kind: operator.kind,
    dataType: operator.dataType,
    shape: shapeOf(operator, candidates),
  }));
}

function onAccelerator(
  arm: ArmDeployment,
  operators: readonly DenseOperator[],
  candidates: number,
): Coverage[] {
  const unit = acceleratorUnit(arm.main.host);
  const dense = denseOn(unit, operators, candidates);
  const bytes = candidates * 4 * arm.model.nets.reduce((sum, { denseFeatures }) => sum + denseFeatures, 0);
  const link = (operator: string, time: OperatorTime, size: number): Coverage => ({
    ...stateOf(unit, time),
    operator,
    kind: 'link',
    dataType: 'bytes',
    shape: `${Math.round(size)} bytes`,
  });
  const copies = [
    link('copy to device', unit.copyIn(bytes), bytes),
    link('copy from device', unit.copyOut(candidates * 4), candidates * 4),
  ];
  const { used, tables } = arm.accelerated!;
  if (tables === 'host') return [...dense, ...copies];
  const exchange = tables === 'sharded' ? [link('all-to-all', unit.allToAll(used, bytes), bytes)] : [];
  return [
    ...dense,
    ...lookupsOn(unit, arm, candidates),
    ...remapsOn(unit, arm, candidates),
    ...copies,
    ...exchange,
  ];
}

/** One line for each data type and dim among the tables: they share a surface. */
function lookupsOn(unit: CostUnit, arm: ArmDeployment, candidates: number): Coverage[] {
  const kinds = new Map(
    tablesOf(arm.model).map(({ table }) => [`${table.dataType} ${table.embeddingDim}`, table]),
  );
  return [...kinds.values()].map((table) => ({
    ...stateOf(
      unit,
      unit.lookup([
        {
          rows: table.numEmbeddings,
          dim: table.embeddingDim,
          dataType: table.dataType,
          rowBytes: table.rowBytes,
          skew: table.skew,
          bags: candidates,
          lookups: candidates * Math.max(1, table.poolingFactor),
        },
      ]),
    ),
    operator: 'embedding lookup',
    kind: 'embedding-bag',
    dataType: table.dataType,
    shape: `dim ${table.embeddingDim}`,
  }));
}

/** Reads of remap vectors, where tables are pruned. */
function remapsOn(unit: CostUnit, { model }: ArmDeployment, candidates: number): Coverage[] {
  const pruned = tablesOf(model).find(({ table }) => table.pruning);
  if (!pruned) return [];
  const { index, table } = pruned;
  const lookups = candidates * Math.max(1, table.poolingFactor);
  const lookup = remapLookup({ table: index, split: 'table' }, table)!;
  return [
    {
      ...stateOf(unit, unit.lookup([{ ...lookup, bags: lookups, lookups }])),
      operator: 'remap lookup',
      kind: 'embedding-bag',
      dataType: lookup.dataType,
      shape: `entries of ${lookup.rowBytes} bytes`,
    },
  ];
}

/** Gathers on the CPU hosts that hold the tables: the main ones where nothing is sharded, else the sparse ones. */
function gathersOnHosts({ accelerated, sharding, main, sparse }: ArmDeployment): Coverage[] {
  if (accelerated && accelerated.tables !== 'host') return [];
  const isOneHost = sharding.strategy === 'singular' && sharding.placement === undefined;
  const { cpu } = isOneHost ? main.host : sparse.host;
  const { evidence, coreBytesPerS } = gatherBandwidth(cpu);
  const rowBytes = 128;
  return [
    {
      device: cpu.name,
      operator: 'embedding gather',
      kind: 'memory-gather',
      dataType: 'bytes',
      shape: `rows of ${rowBytes} bytes`,
      state: stateFrom(evidence),
      evidence,
      seconds: rowBytes / coreBytesPerS,
      logError: 0,
    },
  ];
}

function stateOf({ device }: CostUnit, { seconds, evidence, logError }: OperatorTime) {
  return { device, state: stateFrom(evidence), evidence, seconds, logError };
}

function stateFrom(evidence: Evidence): Coverage['state'] {
  const known = ['measured', 'fitted', 'transferred', 'published'] as const;
  return known.find((state) => state === evidence) ?? 'missing';
}

/** The shape as the measured operator has it, or as the model says where none is like it. */
function shapeOf(operator: DenseOperator, candidates: number): string {
  const [calls] = callsOf(operator, candidates);
  const shape = calls?.[0]?.shape ?? operator.shape;
  return Object.entries(shape)
    .map(([axis, value]) => `${axis} ${Math.round(value * 10) / 10}`)
    .join(', ');
}
