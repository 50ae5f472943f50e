import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { chartsOf } from '../../../reports/charts/charts-of.ts';
import { standaloneSvg } from '../../../reports/charts/standalone-svg.ts';
import type { Subject } from '../../../reports/subject.ts';
import { compareDistillation } from '../../../sim/training/comparison/compare-distillation.ts';
import type { DistillationResult } from '../../../sim/training/distillation-result.ts';
import { distillationOf, distilledArm, distilledMisfit, threeArms } from '../distillation/results.ts';
import { soundDrawing } from './sound.ts';
import { allOf, hasClass, parseXml, withClass } from './xml.ts';

const charts = suite('charts of distillation');

function subjectOf(distillation: DistillationResult): Subject {
  return { kind: 'distillation', source: 'x', distillation };
}

function drawn(result: DistillationResult, id: string) {
  const chart = chartsOf(subjectOf(result)).charts.find((one) => one.id === id);
  assert.ok(chart, id);
  return { chart, drawing: soundDrawing(chart) };
}

charts('there are eight of an answer, each with a table, and files of their own', () => {
  const { charts: all, absent } = chartsOf(subjectOf(threeArms()));
  assert.equal(
    all.map(({ id }) => id),
    [
      'gain-and-price',
      'gain-parts',
      'gain-swings',
      'system-costs',
      'freshness',
      'label-day',
      'steps',
      'evidence',
    ],
  );
  assert.is(absent.length, 1);
  for (const chart of all) {
    soundDrawing(chart);
    assert.ok(chart.table.rows.length > 0, chart.id);
    parseXml(standaloneSvg(chart));
  }
});

charts('of arms that do not fit say why there is nothing', () => {
  const { charts: none, absent } = chartsOf(subjectOf(distillationOf([distilledMisfit('a')])));
  assert.is(none.length, 0);
  assert.ok(absent.some(({ reason }) => reason === 'no arm was simulated: none fits'));
});

charts('gain over price: each arm once, and the other ways of the baseline', () => {
  const { drawing, chart } = drawn(threeArms(), 'gain-and-price');
  const symbols = withClass(drawing, 'mark').filter((one) => hasClass(one, 'symbol'));
  assert.is(symbols.length, 4);
  assert.equal(
    chart.table.rows.map(([arm, system]) => `${arm}, ${system}`),
    ['6 h, shared teacher', '1 h, shared teacher', '6 h, co-distillation', '6 h, own teachers'],
  );
  assert.match(
    symbols[1].children[0].text,
    /gain in NE 0\.240 %\nrange 0\.120 % to 0\.360 %\n7\.50 k USD\/day/,
  );
});

charts('gain parts: what is lost ends where the gain ends', () => {
  const { drawing } = drawn(distillationOf([distilledArm('only')]), 'gain-parts');
  const bars = withClass(drawing, 'mark').filter(({ name }) => name === 'rect');
  const ofFirst = bars.slice(0, 4);
  const edges = ofFirst.map(({ attributes }) => ({
    left: Number(attributes.x),
    right: Number(attributes.x) + Number(attributes.width),
  }));
  const [transferred, bias, freshness, gain] = edges;
  assert.ok(Math.abs(transferred.right - bias.right) < 0.2);
  assert.ok(Math.abs(bias.left - freshness.right) < 0.2);
  assert.ok(Math.abs(freshness.left - gain.right) < 0.2);
});

charts('costs and steps that are the same for all arms are drawn once, and are in the table for each', () => {
  const result = distillationOf([
    distilledArm('a'),
    distilledArm('b', { gain: 0.0021, gapS: 2000, isBaseline: false }),
  ]);
  const { drawing, chart } = drawn(result, 'steps');
  const details = withClass(drawing, 'detail').map(({ text }) => text);
  assert.is(details.filter((words) => words === 'all arms').length, 6);
  assert.is(chart.table.rows.length, 12);
});

charts('an arm’s course without queues has no panel for them', () => {
  const arm = distilledArm('only');
  const { course } = arm.answer!.pipeline;
  course.queuedExamples.fill(0);
  const { chart, drawing } = drawn(distillationOf([arm]), 'label-day');
  assert.match(chart.note, /There is no queue of the label service\./);
  assert.is(allOf(drawing).filter(({ text }) => text.startsWith('queue of the label service')).length, 0);
});

const factor = fc.constantFrom(1, 1, 1, 0.3, 7, 0, -1, 1e-7, 1e3);

/** The same answer with other numbers, each multiplied by one of some factors in their turn. */
function withNumbers<Value>(value: Value, factors: readonly number[]): Value {
  let count = 0;
  const visit = (one: unknown): unknown => {
    if (typeof one === 'number') return one * factors[count++ % factors.length];
    if (Array.isArray(one)) return one.map(visit);
    if (one === null || typeof one !== 'object') return one;
    return Object.fromEntries(Object.entries(one).map(([key, inner]) => [key, visit(inner)]));
  };
  return visit(value) as Value;
}

const runs = { numRuns: 30 };

charts('of any figures are drawn soundly', () => {
  fc.assert(
    fc.property(fc.array(factor, { minLength: 3, maxLength: 37 }), (factors) => {
      const result = withNumbers(threeArms(), factors);
      const { charts: all } = chartsOf(subjectOf(result));
      for (const chart of all) {
        for (const { text } of allOf(soundDrawing(chart)).filter((one) => one.name === 'text')) {
          assert.not.match(text, /\bNaN\b|\bInfinity\b|\bundefined\b/);
        }
        parseXml(standaloneSvg(chart));
      }
    }),
    runs,
  );
});

charts('of any comparison are drawn soundly', () => {
  const [base] = threeArms().arms;
  const side = (result: DistillationResult) => ({ source: 'x', kind: 'result', result }) as const;
  const matched = { pairs: [{ a: base.name, b: base.name }], unmatched: { a: [], b: [] } };
  fc.assert(
    fc.property(fc.array(factor, { minLength: 3, maxLength: 37 }), (factors) => {
      const other = withNumbers(threeArms(), factors);
      const distillationComparison = compareDistillation([side(threeArms()), side(other)], matched, 'x');
      const subject: Subject = { kind: 'distillation-comparison', source: 'x', distillationComparison };
      for (const chart of chartsOf(subject).charts) soundDrawing(chart);
    }),
    runs,
  );
});

charts.run();
