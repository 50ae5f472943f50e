import type { Evidence } from '../../../foundation/evidence.ts';
import { evidenceByField } from '../../../hardware-profiles/evidenced-fields.ts';
import type { DistillationArm } from '../../../scenarios/distillation/deployment.ts';
import type { EvidenceShares } from '../../evidence.ts';
import type { DistillationArmResult } from '../distillation-result.ts';
import { secondsPerDay } from '../pipeline/pipeline-spec.ts';
import { evidenceOf } from '../step/step.ts';
import { secondsOf } from './case-of.ts';
import type { PreparedArm } from './prepare.ts';

/** How many input figures of hosts, networks and models rest on each evidence level. */
export function figuresOf({ teacher, verticals }: DistillationArm): EvidenceShares {
  const fleets = [teacher.fleet, teacher.labelling, ...verticals.map(({ fleet }) => fleet)];
  const profiles = new Map(
    fleets.flatMap(({ host, network }) => [host, network]).map((each) => [each.name, each]),
  );
  const models = new Map(
    [teacher.model, ...verticals.map(({ model }) => model)].map((each) => [each.name, each]),
  );
  const counts: EvidenceShares = {};
  const count = (level: Evidence) => {
    counts[level] = (counts[level] ?? 0) + 1;
  };
  for (const profile of profiles.values()) Object.values(evidenceByField(profile)).forEach(count);
  for (const { evidence } of models.values()) count(evidence);
  return counts;
}

/** What the times of an arm rest on: of the teacher's step, and of all device time of the arm's own system. */
export function timesByEvidence(prepared: PreparedArm): Omit<DistillationArmResult['evidence'], 'figures'> {
  const { arm, teacherStep, labels, verticals } = prepared;
  const seconds = secondsOf(prepared);
  const { train_share, label_share } = arm.teacher;
  const hours = new Map<Evidence, number>();
  const add = (shares: EvidenceShares, examples: number, each: number) => {
    for (const [level, share] of Object.entries(shares) as [Evidence, number][])
      hours.set(level, (hours.get(level) ?? 0) + (share * examples * each) / secondsPerDay);
  };
  add(teacherStep.evidence, train_share * arm.uniqueExamplesPerDay, seconds.teacherTrainingS);
  add(evidenceOf(labels.parts, labels.batchS), label_share * arm.uniqueExamplesPerDay, seconds.labelS);
  for (const { vertical, withHeads } of verticals) {
    const examples = vertical.examples_per_day * vertical.count * vertical.runs;
    add(withHeads.evidence, examples, withHeads.stepS / withHeads.examplesPerDevice);
  }
  const all = [...hours.values()].reduce((sum, each) => sum + each, 0);
  return {
    teacherStep: teacherStep.evidence,
    deviceHours: Object.fromEntries([...hours].map(([level, each]) => [level, each / all])),
  };
}
