import { didYouMean } from '../../foundation/near-name.ts';
import { InputError } from '../../foundation/problem.ts';
import type { StepDistillation, StepShape } from '../../hardware-profiles/training-steps.ts';

const none: StepDistillation = { kind: 'none' };
const oneHead: StepDistillation = { kind: 'one-head' };
const heads: StepDistillation = { kind: 'auxiliary-heads', headWidth: 256 };
const headsAndAdapter: StepDistillation = { ...heads, adapterWidth: 8 };
const allDistillations = [none, oneHead, heads, headsAndAdapter];

type Named = Pick<StepShape, 'model' | 'factors'>;

function scaled(model: string, factors: Partial<StepShape['factors']> = {}): Named {
  return { model, factors: { tables: 1, rows: 1, dim: 1, dense: 1, ...factors } };
}

/** Some shapes of a model: every type at every batch, learning in every way. */
interface Block {
  named: Named;
  dataTypes: readonly StepShape['dataType'][];
  examples: readonly number[];
  distillations?: readonly StepDistillation[];
}

/**
 * What is measured when nothing is asked for: models of the zoo with tables that fit an accelerator of 80 GB, a vertical
 * model of about 60 MFLOP an example in training (the DCN v2, its dense layers × 0.6), and foundation-like ones of 0.6 and
 * 3.6 GFLOP forward (Wukong, its hidden layers × 1 and × 8). Models that the program cannot build are in it, to be
 * skipped aloud.
 */
const blocks: readonly Block[] = [
  {
    named: scaled('mlperf-dlrm-dcnv2', { rows: 0.25, dense: 0.6 }),
    dataTypes: ['bf16', 'tf32'],
    examples: [1024, 4096, 16384],
    distillations: allDistillations,
  },
  {
    named: scaled('wukong', { rows: 0.25, dense: 8 }),
    dataTypes: ['bf16'],
    examples: [256, 1024, 2048],
    distillations: [none, headsAndAdapter],
  },
  {
    named: scaled('wukong', { rows: 0.25 }),
    dataTypes: ['bf16', 'tf32'],
    examples: [256, 1024, 4096],
    distillations: [none],
  },
  {
    named: scaled('ads-ranking-like', { rows: 0.5 }),
    dataTypes: ['bf16'],
    examples: [1024, 4096, 16384],
    distillations: [none, headsAndAdapter],
  },
  {
    named: scaled('mlperf-dlrm-dcnv2', { rows: 0.25 }),
    dataTypes: ['fp32', 'bf16'],
    examples: [256, 2048, 8192],
    distillations: [none],
  },
  {
    named: scaled('mlperf-dlrm-v1', { rows: 0.25 }),
    dataTypes: ['fp32', 'bf16'],
    examples: [1024, 4096, 16384],
    distillations: [none],
  },
  { named: scaled('dlrm-rmc1'), dataTypes: ['fp32'], examples: [256, 2048, 8192] },
  { named: scaled('dlrm-rmc2'), dataTypes: ['fp32'], examples: [256, 2048] },
  { named: scaled('dlrm-rmc3'), dataTypes: ['tf32'], examples: [256, 2048, 16384] },
  { named: scaled('wide-and-deep'), dataTypes: ['tf32', 'bf16'], examples: [512, 4096, 16384] },
  { named: scaled('drm3-like', { rows: 0.1 }), dataTypes: ['bf16'], examples: [1024, 8192] },
  { named: scaled('din'), dataTypes: ['fp32'], examples: [1024] },
  { named: scaled('hstu'), dataTypes: ['bf16'], examples: [1024] },
  { named: scaled('ncf'), dataTypes: ['fp32'], examples: [1024] },
  { named: scaled('drm1-like', { rows: 0.1 }), dataTypes: ['fp32'], examples: [1024] },
  { named: scaled('drm2-like', { rows: 0.1 }), dataTypes: ['fp32'], examples: [1024] },
];

/** What of the plan is asked for; what is left out is the plan's own. */
export interface StepWish {
  models: readonly Named[] | undefined;
  examples: readonly number[] | undefined;
  dataTypes: readonly StepShape['dataType'][] | undefined;
  distillations: readonly StepDistillation[] | undefined;
  devices: number;
}

/** Shapes in the order in which they are measured. Of models that are named, one batch of 1024 in fp32 without a teacher. */
export function stepPlan({ models, examples, dataTypes, distillations, devices }: StepWish): StepShape[] {
  const chosen: readonly Block[] = models
    ? models.map((named) => ({ named, dataTypes: ['fp32'], examples: [1024], distillations: [none] }))
    : blocks;
  return chosen.flatMap((block) =>
    (examples ?? block.examples).flatMap((count) =>
      (dataTypes ?? block.dataTypes).flatMap((dataType) =>
        (distillations ?? block.distillations ?? [none]).map((distillation) => ({
          ...block.named,
          dataType,
          examples: count,
          devices,
          distillation,
        })),
      ),
    ),
  );
}

/** `wukong:rows=0.25:dense=8`: a model and the factors that it is scaled by. @throws InputError */
export function parseScaledModel(text: string): Named {
  const [model, ...parts] = text.split(':');
  const { factors } = scaled(model);
  for (const part of parts) {
    const [axis, value] = part.split('=');
    const factor = Number(value);
    if (!Object.hasOwn(factors, axis)) {
      const known = Object.keys(factors);
      const hint = `${didYouMean(axis, known)}; there are ${known.join(', ')}`;
      throw new InputError(`--models ${text}: a model has no factor '${axis}'${hint}`);
    }
    if (!(factor > 0) || !Number.isFinite(factor)) {
      throw new InputError(`--models ${text}: expected a number above 0 after ${axis}=`);
    }
    factors[axis as keyof typeof factors] = factor;
  }
  return { model, factors };
}

/** `none`, `one-head`, `heads=256`, `heads=256+adapter=8`. @throws InputError */
export function parseDistillation(text: string): StepDistillation {
  if (text === 'none' || text === 'one-head') return { kind: text };
  const match = /^heads=(\d{1,6})(?:\+adapter=(\d{1,6}))?$/.exec(text);
  const widths = match?.slice(1).flatMap((part) => (part === undefined ? [] : [Number(part)]));
  if (!widths || widths.some((width) => width < 1)) {
    throw new InputError(
      `--distillation ${text}: expected none, one-head, heads=256 or heads=256+adapter=8 (hidden units)`,
    );
  }
  const [headWidth, adapterWidth] = widths;
  return { kind: 'auxiliary-heads', headWidth, ...(adapterWidth !== undefined && { adapterWidth }) };
}
