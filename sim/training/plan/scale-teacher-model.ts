import type { Model } from '../../../models/model.ts';
import { atCandidates } from '../../../models/operators.ts';
import { modelBytes, scaleModel } from '../../../models/scale-model.ts';

/** A teacher built in another size, and how near it came. */
export interface ScaledTeacherModel {
  model: Model;
  /** Factor on hidden widths and on the dimensions of vectors. */
  width: number;
  /** Factor on the rows of tables. */
  rows: number;
  forwardFlop: number;
}

/** Widths are tried within these factors; a fourfold width is some sixteenfold work. */
const widest = 32;
const bisections = 24;

/**
 * The model with so many times its forward FLOPs and so many times its stored bytes: hidden widths and the dimensions
 * of vectors grow by one factor, found by bisection, and the rows of tables make up for what that does to their bytes.
 * Widths are multiples of four elements, so that the FLOPs come near the factor, seldom to it.
 * @throws InputError where a model of that size cannot be
 */
export function scaleTeacherModel(model: Model, factor: number): ScaledTeacherModel {
  const given = forwardFlopOf(model);
  if (factor === 1) return { model, width: 1, rows: 1, forwardFlop: given };
  const wanted = factor * given;
  const width = widthFor(model, wanted);
  const wide = scaleModel(model, { dim: width, denseWidth: width });
  const rows = (factor * modelBytes(model)) / modelBytes(wide);
  const scaled = scaleModel(model, { dim: width, denseWidth: width, rows });
  return { model: scaled, width, rows, forwardFlop: forwardFlopOf(scaled) };
}

/** Forward FLOP of one example: one user and one candidate. */
export function forwardFlopOf({ nets }: Model): number {
  const operators = nets.flatMap((net) => net.operators);
  return operators.reduce((sum, { flops }) => sum + atCandidates(flops, 1), 0);
}

function widthFor(model: Model, wanted: number): number {
  let [low, high] = [1 / widest, widest];
  const flopAt = (width: number) => forwardFlopOf(scaleModel(model, { dim: width, denseWidth: width }));
  for (let step = 0; step < bisections; step++) {
    const middle = Math.sqrt(low * high);
    if (flopAt(middle) < wanted) low = middle;
    else high = middle;
  }
  return Math.abs(flopAt(low) - wanted) < Math.abs(flopAt(high) - wanted) ? low : high;
}
