import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { areaUnderCurve } from '../../../distil/metrics/auc.ts';
import { entropyOf, PredictionQuality, qualityOf } from '../../../distil/metrics/prediction-quality.ts';
import { noLabel } from '../../../distil/streams/stream.ts';

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

const quality = suite('metrics: normalized entropy and calibration');

quality('predicting the base rate is worth nothing: NE 1, calibration 1', () => {
  const labels = [1, 0, 0, 1, 0];
  const result = qualityOf(
    labels,
    labels.map(() => 0.4),
  );
  near(result.normalizedEntropy, 1);
  near(result.relativeInformationGain, 0);
  near(result.calibration, 1);
});

quality('is the log loss over the entropy of the base rate', () => {
  const result = qualityOf([1, 0], [0.8, 0.3]);
  near(result.logLoss, -(Math.log(0.8) + Math.log(0.7)) / 2);
  near(result.normalizedEntropy, result.logLoss / Math.log(2));
  near(result.calibration, 1.1);
});

quality('no constant is better than the base rate', () => {
  fc.assert(
    fc.property(predictions, fc.double({ min: 0.01, max: 0.99, noNaN: true }), ({ labels }, constant) => {
      assert.ok(
        qualityOf(
          labels,
          labels.map(() => constant),
        ).normalizedEntropy >=
          1 - 1e-12,
      );
    }),
  );
});

quality('sums of parts are those of the whole, and a relative change of NE is one of the loss', () => {
  fc.assert(
    fc.property(predictions, ({ labels, scores }) => {
      const whole = qualityOf(labels, scores);
      const merged = new PredictionQuality();
      merged.merge(qualityOf(labels.slice(0, 2), scores.slice(0, 2)));
      merged.merge(qualityOf(labels.slice(2), scores.slice(2)));
      near(merged.normalizedEntropy, whole.normalizedEntropy);
      const other = qualityOf(
        labels,
        scores.map((score) => 1 - score),
      );
      near(other.normalizedEntropy / whole.normalizedEntropy, other.logLoss / whole.logLoss);
    }),
  );
});

quality('what has no label is not counted; where all labels are alike there is no NE', () => {
  const result = qualityOf([1, noLabel, 1], [0.5, 0.01, 0.5]);
  assert.is(result.examples, 2);
  near(result.logLoss, Math.log(2));
  assert.ok(Number.isNaN(result.normalizedEntropy));
  assert.ok(Number.isNaN(entropyOf(0)));
});

quality('a certain and wrong prediction costs infinitely much', () => {
  assert.is(qualityOf([1, 0], [0, 0.5]).logLoss, Number.POSITIVE_INFINITY);
  assert.ok(Number.isFinite(qualityOf([1, 0], [1, 0]).logLoss));
});

quality.run();

function near(actual: number, expected: number): void {
  assert.ok(
    Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected)),
    `${actual}, not ${expected}`,
  );
}
