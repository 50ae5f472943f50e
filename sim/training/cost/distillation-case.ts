import { didYouMean } from '../../../foundation/near-name.ts';
import { InputError, type Problem } from '../../../foundation/problem.ts';
import type { LabelPath, VerticalTarget } from './arm-quality.ts';
import type { CostAssumptions, TrainingDevice } from './assumptions.ts';
import type { DeviceSeconds } from './device-seconds.ts';
import { checkWorkload, type DistillationWorkload } from './workload.ts';

/** All that a comparison of arms rests on. */
export interface DistillationCase {
  workload: DistillationWorkload;
  targets: readonly VerticalTarget[];
  path: LabelPath;
  device: TrainingDevice;
  assumptions: CostAssumptions;
  /** Simulated or measured device seconds; absent: the roofline's. */
  seconds?: DeviceSeconds;
  /** Devices of a shared teacher's fleets that are given; absent: what load and memory need. */
  held?: { teacherTraining: number; labelling: number } | undefined;
  /**
   * Unique examples per day at which the scaling law of compute is taken: the largest union of the cases that are
   * compared, such as with one more vertical; a teacher that sees less is worse. Absent: this case's union.
   */
  referenceExamplesPerDay?: number;
}

/** @throws InputError with every figure of a case that cannot be, by its path */
export function checkCase(given: DistillationCase): void {
  checkWorkload(given.workload);
  const problems = [
    ...given.targets.flatMap(targetProblems),
    ...namingProblems(given),
    ...pathProblems(given.path),
    ...assumptionProblems(given.assumptions),
    ...referenceProblems(given),
  ];
  if (problems.length > 0) throw new InputError(problems);
}

function targetProblems({ baseNe, baseRate, teacherCalibration }: VerticalTarget, index: number): Problem[] {
  const at = `targets[${index}]`;
  const isRate = baseRate > 0 && baseRate < 1;
  const isProbability = teacherCalibration > 0 && baseRate * teacherCalibration < 1;
  return [
    ...wrongUnless(
      baseNe > 0 && Number.isFinite(baseNe),
      `${at}.baseNe`,
      `expected more than 0, got ${baseNe}`,
    ),
    ...wrongUnless(isRate, `${at}.baseRate`, `expected a rate between 0 and 1, got ${baseRate}`),
    ...wrongUnless(
      !isRate || isProbability,
      `${at}.teacherCalibration`,
      `expected more than 0 and less than ${1 / baseRate}, where predictions would be sure, got ${teacherCalibration}`,
    ),
  ];
}

/** Every vertical has one target, and every target a vertical that is trained. */
function namingProblems({ workload, targets }: DistillationCase): Problem[] {
  const trained = workload.verticals.map(({ name }) => name);
  const told = targets.map(({ name }) => name);
  return [
    ...trained
      .filter((name) => !told.includes(name))
      .map((name) => ({ path: 'targets', message: `nothing says what NE and base rate '${name}' has` })),
    ...told.flatMap((name, index) => [
      ...wrongUnless(
        trained.includes(name),
        `targets[${index}].name`,
        `no vertical '${name}' is trained${didYouMean(name, trained)}`,
      ),
      ...wrongUnless(
        told.indexOf(name) === index,
        `targets[${index}].name`,
        `'${name}' has a target already`,
      ),
    ]),
  ];
}

function pathProblems({ lossWeight, missedShare, gaps }: LabelPath): Problem[] {
  const weight = gaps.reduce((sum, { share }) => sum + share, 0);
  return [
    ...wrongUnless(isAmount(lossWeight), 'path.lossWeight', `expected 0 or more, got ${lossWeight}`),
    ...wrongUnless(isShare(missedShare), 'path.missedShare', `expected a share, got ${missedShare}`),
    ...wrongUnless(weight > 0, 'path.gaps', 'expected at least one gap with a share above 0'),
    ...gaps.flatMap(({ gapS, share }, index) =>
      wrongUnless(
        isAmount(gapS) && isAmount(share),
        `path.gaps[${index}]`,
        `expected a gap and a share of 0 or more, got ${gapS} s and ${share}`,
      ),
    ),
  ];
}

function assumptionProblems(assumptions: CostAssumptions): Problem[] {
  const { flopUtilisation, bandwidthUtilisation } = assumptions;
  const shares = Object.entries({ flopUtilisation, bandwidthUtilisation });
  const factors = (['trainingHeadroom', 'labelPeakOverMean', 'siteOverPower'] as const).map(
    (key) => [key, assumptions[key]] as const,
  );
  const prices = (['storageUsdPerByteDay', 'movedUsdPerByte'] as const).map(
    (key) => [key, assumptions[key]] as const,
  );
  return [
    ...shares.flatMap(([key, value]) =>
      wrongUnless(value > 0 && value <= 1, `assumptions.${key}`, `expected a share above 0, got ${value}`),
    ),
    ...factors.flatMap(([key, value]) =>
      wrongUnless(value >= 1 && isAmount(value), `assumptions.${key}`, `expected 1 or more, got ${value}`),
    ),
    ...prices.flatMap(([key, value]) =>
      wrongUnless(isAmount(value), `assumptions.${key}`, `expected 0 or more, got ${value}`),
    ),
  ];
}

function referenceProblems({ workload, referenceExamplesPerDay }: DistillationCase): Problem[] {
  const { uniqueExamplesPerDay: union } = workload;
  const holds = referenceExamplesPerDay === undefined || referenceExamplesPerDay >= union;
  const message = `expected at least the union, ${union}, got ${referenceExamplesPerDay}`;
  return wrongUnless(holds, 'referenceExamplesPerDay', message);
}

function wrongUnless(holds: boolean, path: string, message: string): Problem[] {
  return holds ? [] : [{ path, message }];
}

function isAmount(value: number): boolean {
  return value >= 0 && Number.isFinite(value);
}

function isShare(value: number): boolean {
  return value >= 0 && value <= 1;
}
