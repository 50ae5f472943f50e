import { meanGainIn } from '../cost/compare-arms.ts';
import type { DistillationSamples } from '../distillation-result.ts';
import type { PipelineFigures, PipelineReplication } from '../pipeline/pipeline-result.ts';
import type { QualityConstantName } from '../quality/constants.ts';
import type { ConstantDraws } from '../quality/estimate.ts';
import { caseOf } from './case-of.ts';
import { feedOf, type LabelFeed } from './feeds.ts';
import type { PreparedArm } from './prepare.ts';

/** Position of the main task of each vertical among those that are labelled: it is the first. */
const main = 0;

/** Figures of each replication, constants at their values. */
export function samplesOf(
  prepared: PreparedArm,
  runs: readonly PipelineReplication[],
  draws: ConstantDraws<QualityConstantName>,
  referenceExamplesPerDay: number,
): DistillationSamples {
  const each = (value: (figures: PipelineFigures) => number) => runs.map(({ figures }) => value(figures));
  return {
    gain: each((figures) =>
      meanGainIn(
        'shared-teacher',
        caseOf(prepared, mainFeeds(figures), referenceExamplesPerDay),
        draws.nominal,
      ),
    ),
    exampleGapS: each((figures) => meanGap(prepared, figures)),
    missShare: each((figures) => {
      const [missed, withLabel] = [total(prepared, figures, 'missed'), total(prepared, figures, 'withLabel')];
      return missed === 0 ? 0 : missed / (missed + withLabel);
    }),
    teacherAgeS: each(({ labelling }) => labelling.teacherAgeS?.mean ?? 0),
    labellingUse: each(({ labelling }) => labelling.use),
    trainingUse: each(({ training }) => training.use),
    storeHeldBytes: each(({ store }) => store.heldBytes),
  };
}

function mainFeeds({ verticals }: PipelineFigures): LabelFeed[] {
  return verticals.map(({ tasks }) => feedOf(tasks[main]));
}

/** Over the labels of the main tasks of all verticals, copies included. */
function meanGap({ arm }: PreparedArm, { verticals }: PipelineFigures): number {
  let [weighed, weight] = [0, 0];
  verticals.forEach(({ tasks }, index) => {
    const { exampleGapS, withLabel } = tasks[main];
    if (!exampleGapS) return;
    weighed += arm.verticals[index].count * withLabel * exampleGapS.mean;
    weight += arm.verticals[index].count * withLabel;
  });
  return weight > 0 ? weighed / weight : 0;
}

function total({ arm }: PreparedArm, { verticals }: PipelineFigures, key: 'missed' | 'withLabel'): number {
  return verticals.reduce(
    (sum, { tasks }, index) =>
      sum + arm.verticals[index].count * tasks.reduce((all, task) => all + task[key], 0),
    0,
  );
}
