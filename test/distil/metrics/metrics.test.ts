import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { areaUnderCurve } from '../../../distil/metrics/auc.ts';
import { addToDay, emptyDaySums, sumOfDays } from '../../../distil/metrics/day-sums.ts';
import { noLabel } from '../../../distil/streams/stream.ts';
import { normalizedEntropy, predictionSums } from '../../../sim/training/quality/normalized-entropy.ts';

/** Predictions and labels with one of each kind at least; few distinct scores, so that there are ties. */
const predictions = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 1, max: 9 })), {
    minLength: 1,
    maxLength: 40,
  })
  .map((rest) => [[0, 3], [1, 7], ...rest])
  .map((pairs) => ({ labels: pairs.map(([label]) => label), scores: pairs.map(([, score]) => score / 10) }));

const curve = suite('metrics: area under the curve');

curve('is the share of pairs in the right order, ties half', () => {
  fc.assert(
    fc.property(predictions, ({ labels, scores }) => {
      let [won, pairs] = [0, 0];
      for (const [i, y] of labels.entries()) {
        for (const [j, other] of labels.entries()) {
          if (y !== 1 || other !== 0) continue;
          pairs++;
          won += scores[i] > scores[j] ? 1 : scores[i] === scores[j] ? 0.5 : 0;
        }
      }
      assert.is(areaUnderCurve(labels, scores), won / pairs);
    }),
  );
});

curve('stays under increasing maps and turns over with the labels', () => {
  fc.assert(
    fc.property(predictions, ({ labels, scores }) => {
      const area = areaUnderCurve(labels, scores);
      assert.is(
        areaUnderCurve(
          labels,
          scores.map((score) => Math.log(score / (1 - score))),
        ),
        area,
      );
      const turned = areaUnderCurve(
        labels.map((label) => 1 - label),
        scores,
      );
      assert.ok(Math.abs(turned - (1 - area)) < 1e-12);
    }),
  );
});

curve('passes over examples without a label, and is no number without both kinds', () => {
  assert.is(areaUnderCurve([0, noLabel, 1], [0.2, 0.9, 0.3]), 1);
  assert.ok(Number.isNaN(areaUnderCurve([0, 0], [0.2, 0.9])));
});

curve.run();

const byDay = suite('metrics: sums by day');

byDay('sums of all days are those of the whole, whatever day an example is of', () => {
  fc.assert(
    fc.property(predictions, fc.integer({ min: 1, max: 5 }), ({ labels, scores }, days) => {
      const sums = emptyDaySums(days);
      for (const [i, label] of labels.entries()) addToDay(sums, i % days, scores[i], label);
      const [whole, parts] = [predictionSums(scores, labels), sumOfDays(sums)];
      assert.is(parts.count, whole.count);
      assert.is(parts.positives, whole.positives);
      near(parts.predicted, whole.predicted);
      near(parts.logLoss, whole.logLoss);
      near(normalizedEntropy(parts), normalizedEntropy(whole));
    }),
  );
});

byDay('what has no label is not counted, and days out of the range are not summed', () => {
  const sums = emptyDaySums(3);
  addToDay(sums, 0, 0.5, 1);
  addToDay(sums, 1, 0.25, 0);
  addToDay(sums, 1, 0.01, noLabel);
  addToDay(sums, 2, 0.5, 1);
  const { count, positives, predicted, logLoss } = sumOfDays(sums, 1, 2);
  assert.equal([count, positives, predicted], [1, 0, 0.25]);
  near(logLoss, -Math.log(0.75));
});

byDay.run();

function near(actual: number, expected: number): void {
  assert.ok(
    Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected)),
    `${actual}, not ${expected}`,
  );
}
