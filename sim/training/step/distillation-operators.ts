import { InputError } from '../../../foundation/problem.ts';
import type { DenseDataType, DenseOperator, Model } from '../../../models/model.ts';
import { elementwise, fullyConnected, type Site, siteOf } from '../../../models/operators.ts';

/**
 * What a student learns from a teacher's logged prediction while it trains. Nothing of it is served.
 * - none: labels alone;
 * - one-head: the serving head takes the teacher's prediction as a second target (Eq. 2);
 * - auxiliary-heads: a head of its own for the teacher (Eq. 3–5) and, with an adapter, a second head for the adapted
 *   prediction (Eq. 6–7).
 */
export type Distillation =
  | { kind: 'none' }
  | { kind: 'one-head' }
  | {
      kind: 'auxiliary-heads';
      /** Hidden units of a head d → headWidth → 1 on the backbone's output. */
      headWidth: number;
      /** Hidden units of the Student Adapter 1 → adapterWidth → 1; absent: there is none. */
      adapterWidth?: number;
    };

/** Width of what the serving head reads: the input of the last fully connected layer of the last net. */
export function backboneWidth({ name, nets }: Model): number {
  const last = nets.at(-1)?.operators.findLast(({ kind }) => kind === 'gemm');
  if (!last) throw new InputError(`model '${name}' has no fully connected layer to put heads beside`);
  return last.shape.k;
}

/** Operators that training runs beside the served ones: losses, heads and adapter, for one row an example. */
export function distillationOperators(model: Model, distillation: Distillation): DenseOperator[] {
  const site = siteOf('after', 'candidate', arithmeticOf(model));
  switch (distillation.kind) {
    case 'none':
      return [loss(site, 'loss', 1)];
    case 'one-head':
      return [loss(site, 'loss', 2)];
    case 'auxiliary-heads': {
      const { headWidth, adapterWidth } = distillation;
      const d = backboneWidth(model);
      const own = [loss(site, 'loss', 1), ...head(site, 'auxiliary-head', d, headWidth)];
      if (adapterWidth === undefined) return own;
      return [
        ...own,
        ...head(site, 'adapted-head', d, headWidth),
        ...head(site, 'student-adapter', 1, adapterWidth),
      ];
    }
  }
}

/** The adapter's forward pass after its own step: what it predicts then is the second head's target (Algorithm 1). */
export function adapterAgain(distillation: Distillation): DenseOperator[] {
  if (distillation.kind !== 'auxiliary-heads' || distillation.adapterWidth === undefined) return [];
  return twoLayers(siteOf('after', 'candidate', 'fp32'), 'adapter-again', 1, distillation.adapterWidth);
}

/** Fully connected k → width → 1 with its loss. */
function head(site: Site, name: string, k: number, width: number): DenseOperator[] {
  return [...twoLayers(site, name, k, width), loss(site, `${name}-loss`, 1)];
}

function twoLayers(site: Site, name: string, k: number, width: number): DenseOperator[] {
  return [
    fullyConnected(site, `${name}-fc0`, { k, n: width }),
    fullyConnected(site, `${name}-fc1`, { k: width, n: 1 }),
  ];
}

/** Binary cross entropy on logits: one pass over a logit and its targets. */
function loss(site: Site, name: string, targets: number): DenseOperator {
  return elementwise({ ...site, dataType: 'fp32' }, name, 1, 1 + targets);
}

/** The type in which the last net computes. */
function arithmeticOf({ nets }: Model): DenseDataType {
  return nets.at(-1)?.operators.at(-1)?.dataType ?? 'fp32';
}
