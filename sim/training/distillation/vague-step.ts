import { formatTime, significant } from '../../../foundation/units.ts';
import type { StepPartName, StepResult } from '../step/step-result.ts';

/** Standard deviation in log time from which on a step's time is hardly known. */
const vague = 0.5;

const products = 'gemm,elementwise,layer-norm';

/** Measured operators that parts of a step are mostly priced by. */
const pricedBy: Record<StepPartName, string> = {
  'read-input': 'copy-to-device',
  'copy-in': 'copy-to-device',
  'id-exchange': 'all-to-all',
  lookup: 'embedding-bag',
  'vector-exchange': 'all-to-all',
  'bottom-forward': products,
  'top-forward': products,
  'loss-and-heads': products,
  'top-backward': products,
  'bottom-backward': products,
  'gradient-exchange': 'all-to-all',
  'table-update': 'embedding-bag-backward',
  'all-reduce': 'all-reduce',
  'dense-optimizer': 'elementwise',
};

/** A warning that a step's time is hardly known, and what to measure so that it is; none where it is known. */
export function vagueStep(what: string, { stepS, logError, parts }: StepResult): string[] {
  if (logError <= vague) return [];
  const worst = parts.reduce((a, b) => (b.exposedS * b.logError > a.exposedS * a.logError ? b : a));
  return [
    `a training step of ${what}, ${formatTime(stepS)}, may be off by a factor of ${significant(Math.exp(logError), 2)}, as far ` +
      `as errors of the cost model are known: most of it in ${worst.name}, whose shapes lie far from those that were ` +
      `measured (rankfleet calibrate --operators ${pricedBy[worst.name]} on that accelerator measures more)`,
  ];
}
