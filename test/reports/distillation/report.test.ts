import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../../../foundation/files.ts';
import { distillationInWords } from '../../../reports/distillation/answer-in-words.ts';
import { distillationReport } from '../../../reports/distillation/distillation-report.ts';
import { rangeInPercent } from '../../../reports/distillation/figures.ts';
import type { DistillationResult } from '../../../sim/training/distillation-result.ts';
import { around } from '../charts/results.ts';
import { distillationOf, distilledArm, distilledMisfit, threeArms } from './results.ts';

const text = suite('distillation: the answer as text');

/** Words that show that something was not thought of, and numbers that nobody reads. */
const slips = /undefined|NaN|Infinity|\[object|null|\d\.\d{8}|\d{12}|±-/;

function readable(result: DistillationResult): string {
  const report = distillationReport(result);
  for (const line of report.split('\n')) {
    assert.ok([...line].length <= 115, line);
    assert.not.match(line, slips, line);
  }
  return report;
}

/** Set to rewrite the file after a change that is meant to move it. */
const isUpdating = process.env.RANKFLEET_UPDATE_GOLDEN === '1';

text('of three arms is as ever', () => {
  const golden = join(packageRoot, 'test/golden/distillation-three-arms.txt');
  const report = readable(threeArms());
  if (isUpdating) writeFileSync(golden, report);
  assert.ok(existsSync(golden));
  assert.is(report, readFileSync(golden, 'utf8'));
});

text('begins with the question, then the answer in words, then tables', () => {
  const [question, answer, table] = readable(threeArms()).split('\n\n');
  assert.is(question, 'Is one teacher for three verticals worth its money?');
  assert.match(answer, /^Most gain: 1 h, whose shared teacher lowers NE by 0\.240 % \(0\.120 to 0\.360 %\)/);
  assert.match(table, /^What the shared teacher gains/);
});

text('of one arm has no names of arms before its tables, and says all of it', () => {
  const report = readable(distillationOf([distilledArm('only')]));
  assert.match(
    report,
    /The shared teacher lowers NE by 0\.200 % \(0\.100 to 0\.300 %\)\s+on the mean over 3\s+verticals/,
  );
  for (const title of [
    'Ways to train the same vertical models',
    'What these take',
    'Where gains come from',
    'Vertical models',
    'Freshness by task',
    'Training steps and label batches',
    'Fleets',
    'Where a shared teacher costs as much as co-distillation',
    'What moves the gain',
    'Label pipeline',
    'Age of the teacher’s knowledge',
    'Unique examples of the measured time',
  ]) {
    assert.ok(report.includes(`\n${title}`), title);
  }
  assert.not.match(report, /── Arm/);
  assert.match(report, /Defaults assumed: overlap 1, teacher\.snapshots\.every 6 h/);
  assert.match(report, /Teacher’s step: 60\.0 % fitted, 40\.0 % assumed\./);
});

text('of arms that do not fit gives the reasons with their remedies', () => {
  const report = readable(distillationOf([distilledMisfit('a'), distilledMisfit('b')]));
  assert.match(report, /\nNo arm fits: see the reasons below\.\n/);
  assert.match(
    report,
    /a DOES NOT FIT\. The teacher takes 95\.0 GB of 72\.0 GB[^\n]*\n1\. teacher\.fleet\.hosts: 4/,
  );
});

text('stays within the page with many arms of long names, many verticals and huge figures', () => {
  const arms = Array.from({ length: 30 }, (_, index) => {
    const arm = distilledArm(`teacher.snapshots.every ${index} h, teacher.labelling.servers 12345`, {
      gain: 0.001 + index * 1e-5,
      extra: 10 ** (index / 3),
      gapS: 10 ** (index / 4),
      isBaseline: index === 0,
    });
    const [first] = arm.answer!.verticals;
    arm.answer!.verticals = Array.from({ length: 40 }, (_, at) => ({ ...first, name: `vertical-${at}` }));
    return arm;
  });
  const report = readable(distillationOf(arms));
  assert.match(report, /the first 16 of 40 rows/);
  assert.match(report, /tell\s+the\s+other 28 arms/);
});

text('of one replication has no intervals, and of a saturated arm says so', () => {
  const arm = distilledArm('only');
  arm.answer!.pipeline.figures.labelling.use = { mean: 1.2 };
  arm.verdict = { state: 'SATURATED', reasons: ['the label service is asked for 1.20 of its capacity'] };
  const report = readable(distillationOf([arm]));
  assert.match(report, /only is SATURATED: the label service is asked for 1\.20 of its capacity\./);
});

text('of labels that never arrive has no gap and no price', () => {
  const arm = distilledArm('only', { gain: -0.001 });
  const { figures } = arm.answer!.pipeline;
  for (const { tasks } of figures.verticals) {
    for (const task of tasks) {
      task.exampleGapS = undefined;
      task.gapS = undefined;
      task.withLabel = around(0);
    }
  }
  figures.labelling.ageParts = undefined;
  figures.labelling.teacherAgeS = undefined;
  figures.labelling.readyAfterS = undefined;
  figures.labelling.requiredPerS = undefined;
  for (const system of arm.answer!.systems) {
    if (system.usdPerDayPerStep) system.usdPerDayPerStep = { value: null, low: null, high: null };
  }
  const report = readable(distillationOf([arm]));
  assert.match(report, /The shared teacher gains nothing: NE rises by 0\.100 %/);
  assert.match(report, /No label arrives in time\./);
  assert.match(report, /∞ +–/);
  assert.not.match(report, /∞ to ∞/);
});

text('the arm of most gain is named beside the one that pays least for it', () => {
  const words = distillationInWords(threeArms()).join(' ');
  assert.match(words, /Over 6 h: \+0\.040 % \(0\.020 to 0\.060 %\) of NE for \+1500 USD\/day\./);
  assert.match(words, /Least money for each 0\.01 %: 6 h, 150 USD\/day, which gains 0\.200 %\./);
  assert.match(words, /co-distillation would take 3\.00× that money and gain 0\.288 %/);
});

text('a teacher that knew more than the impression is younger than nothing, with a true minus', () => {
  const arm = distilledArm('only');
  for (const { tasks } of arm.answer!.pipeline.figures.verticals) {
    for (const { exampleGapS } of tasks) if (exampleGapS) exampleGapS.p50 = around(-68_040);
  }
  const report = readable(distillationOf([arm]));
  assert.match(report, / −18\.9 h /);
  assert.not.match(report, / -18\.9/);
});

text('a gain of nothing is neither signed nor of a range', () => {
  const nothing = { value: 0, low: 0, high: 0 };
  const result = threeArms();
  for (const { answer } of result.arms) if (answer?.overBaseline) answer.overBaseline.gain = nothing;
  const words = distillationInWords(result).join(' ');
  assert.match(words, /Over 6 h: 0 % of NE for/);
});

text('a range is told with its sign', () => {
  assert.is(rangeInPercent({ value: 0, low: -0.00033, high: 0.00352 }), '−0.033 to 0.352');
});

text.run();
