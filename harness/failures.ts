import type { RunRecord } from '../hardware-profiles/measurements-schema.ts';
import type { Shape } from '../hardware-profiles/operators-measured.ts';
import type { Target } from './sampler.ts';
import type { FailedCase } from './session.ts';
import type { MeasurementStore } from './store.ts';

type FailureRecord = RunRecord['failed'][number];

/** Longest reason that a manifest keeps: a compiler's log may run to pages. */
const longestReason = 2000;

/** The middle is left out: what failed stands at the beginning, and why at the end of a trace. */
function shortened(reason: string): string {
  if (reason.length <= longestReason) return reason;
  const half = longestReason / 2;
  return `${reason.slice(0, half)} … ${reason.slice(-half)}`;
}

/** A failed case as a manifest keeps it. */
export function failureRecord({ target, shape, failure }: FailedCase): FailureRecord {
  const reason = [failure.reason, failure.log].filter(Boolean).join('\n');
  return {
    operator: target.operator,
    data_type: target.dataType,
    shape: { ...shape },
    implementation: target.implementation,
    stage: failure.stage,
    reason: shortened(reason),
  };
}

/**
 * Cases that earlier runs of these kernels failed at: they are not tried again. Failures of other kernels (another
 * version of the harness) are, since they may have been mended.
 */
export function earlierFailures(
  targets: readonly Target[],
  store: MeasurementStore,
  backend: string,
): { target: Target; shape: Shape }[] {
  return store
    .failuresOf(backend)
    .flatMap((failed) =>
      targets
        .filter(
          ({ operator, dataType, implementation }) =>
            operator === failed.operator &&
            dataType === failed.data_type &&
            implementation === failed.implementation,
        )
        .map((target) => ({ target, shape: failed.shape })),
    );
}
