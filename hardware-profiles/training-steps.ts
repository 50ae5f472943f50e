import type { StepPath, TimedPart } from './training-steps-schema.ts';

/** What was trained in a measured step: a model, what was changed of it, and how it learns. */
export interface StepShape {
  /** Name in the zoo, or a path. */
  model: string;
  /** Factors by which the model's tables, rows, embedding dimensions and hidden dense layers were multiplied. */
  factors: { tables: number; rows: number; dim: number; dense: number };
  dataType: 'fp32' | 'tf32' | 'bf16';
  /** Examples of a step on each device. */
  examples: number;
  devices: number;
  distillation: StepDistillation;
}

export type StepDistillation =
  | { kind: 'none' | 'one-head' }
  | { kind: 'auxiliary-heads'; headWidth: number; adapterWidth?: number };

/** A training step that was measured. */
export interface MeasuredStep extends StepShape {
  /** How its kernels were issued. */
  path: StepPath;
  medianS: number;
  /** Interquartile range over the median. */
  spread: number;
  repeats: number;
  /** Median seconds of each part that the step has. */
  parts: Partial<Record<TimedPart, number>>;
  /** Relative error of rows and moments after an update, against sums in float64. */
  error: number;
  /** Lookups of a step and dense parameters, as the program counted them, of one device. */
  lookups: number;
  parameters: number;
  /** Most memory that was in use at once; 0 where nothing tells. */
  memoryBytes: number;
  /** Whose kernel applied the gradients to the rows. */
  update: 'triton' | 'torch';
  date: string;
  software: string;
}

/** What tells a shape from any other, in words: `wukong dense × 8, bf16, 1024 examples, one-head`. */
export function stepShapeWords(shape: StepShape): string {
  const { dataType, examples, devices } = shape;
  const on = devices > 1 ? ` on each of ${devices} devices` : '';
  return `${modelWords(shape)}, ${dataType}, ${examples} examples${on}, ${distillationWords(shape)}`;
}

/** `wukong, rows × 0.25, dense × 8`: a model and what was changed of it. */
export function modelWords({ model, factors }: StepShape): string {
  const changed = Object.entries(factors).filter(([, factor]) => factor !== 1);
  return [model, ...changed.map(([name, factor]) => `${name} × ${factor}`)].join(', ');
}

/** `none`, `one-head`, `heads 256`, `heads 256 + adapter 8`. */
export function distillationWords({ distillation }: StepShape): string {
  if (distillation.kind !== 'auxiliary-heads') return distillation.kind;
  const { headWidth, adapterWidth } = distillation;
  return `heads ${headWidth}${adapterWidth === undefined ? '' : ` + adapter ${adapterWidth}`}`;
}

/** Measured seconds of a part of the simulator's, whose table update begins with sorting; 0 where there is none. */
export function simulatedPart({ parts }: MeasuredStep, part: TimedPart): number {
  if (part === 'sort-lookups') return 0;
  return (parts[part] ?? 0) + (part === 'table-update' ? (parts['sort-lookups'] ?? 0) : 0);
}
