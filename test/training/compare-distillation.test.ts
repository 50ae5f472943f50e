import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { distillationComparisonReport } from '../../reports/distillation/comparison/comparison-report.ts';
import { compareDistillation } from '../../sim/training/comparison/compare-distillation.ts';
import type { DistilledPair } from '../../sim/training/comparison/distillation-comparison-result.ts';
import { distillationComparisonSchema } from '../../sim/training/comparison/distillation-comparison-result.ts';
import { type DistillationResult, distillationResultSchema } from '../../sim/training/distillation-result.ts';
import { distillationOf, distilledArm, distilledMisfit, threeArms } from '../reports/distillation/results.ts';

const comparison = suite('two answers about distillation');

function compared(a: DistillationResult, b: DistillationResult, names: { a: string; b: string }) {
  const side = (result: DistillationResult) => ({ source: 'x', kind: 'result', result }) as const;
  const matched = { pairs: [names], unmatched: { a: [], b: [] } };
  return compareDistillation([side(a), side(b)], matched, 'rankfleet 0');
}

function figureOf({ figures }: DistilledPair, key: string) {
  const figure = figures.find((one) => one.key === key);
  assert.ok(figure, key);
  return figure;
}

const result = threeArms();

comparison('an answer and a comparison are as their schemas say', () => {
  assert.ok(distillationResultSchema.safeParse(result).success);
  const whole = compared(result, result, { a: '6 h', b: '1 h' });
  assert.ok(distillationComparisonSchema.safeParse(JSON.parse(JSON.stringify(whole))).success);
});

comparison('an arm differs in nothing from itself', () => {
  const whole = compared(result, result, { a: '6 h', b: '6 h' });
  const [{ figures, inputs, paired }] = whole.pairs;
  assert.is(paired, true);
  assert.equal(inputs, []);
  assert.ok(figures.length > 25);
  for (const { difference, sampled, title, significant } of figures) {
    if (difference?.low === difference?.high) assert.is(difference?.mean, 0, title);
    else assert.ok(sampled && significant === false, title);
  }
});

comparison('sides change the sign of every difference, and nothing else', () => {
  const forth = compared(result, result, { a: '6 h', b: '1 h' }).pairs[0];
  const back = compared(result, result, { a: '1 h', b: '6 h' }).pairs[0];
  for (const { key, difference, significant } of forth.figures) {
    const other = figureOf(back, key);
    assert.is(other.significant, significant, key);
    if (difference)
      assert.ok(Math.abs(difference.mean + other.difference!.mean) <= 1e-12 * Math.abs(difference.mean));
  }
});

comparison('paired differences are those of the replications, narrower than independent ones', () => {
  const [pair] = compared(result, result, { a: '6 h', b: '1 h' }).pairs;
  const [a, b] = result.arms.map(({ answer }) => answer?.perReplication?.gain ?? []);
  const gain = figureOf(pair, 'gain');
  const mean = b.reduce((sum, value, index) => sum + value - a[index], 0) / a.length;
  assert.ok(Math.abs(gain.difference!.mean - mean) < 1e-15);
  const elsewhere = { ...result, fingerprint: { ...result.fingerprint, seed: 2 } };
  const whole = compared(result, elsewhere, { a: '6 h', b: '1 h' });
  const independent = figureOf(whole.pairs[0], 'gain');
  assert.is(whole.pairs[0].paired, false);
  assert.match(whole.warnings[0], /as if A and B were independent/);
  const width = ({ low, high }: { low?: number | undefined; high?: number | undefined }) => high! - low!;
  assert.ok(width(gain.difference!) < width(independent.difference!));
});

comparison('another simulated time, or another number of replications, is not paired', () => {
  const longer = { ...result.scenario.horizon, measuredS: 86_400 };
  const other = { ...result, scenario: { ...result.scenario, horizon: longer } };
  assert.is(compared(result, other, { a: '6 h', b: '6 h' }).pairs[0].paired, false);
  const fewer = distillationOf([distilledArm('6 h')]);
  const samples = fewer.arms[0].answer!.perReplication!;
  for (const key of Object.keys(samples) as (keyof typeof samples)[]) samples[key] = samples[key].slice(1);
  assert.is(compared(result, fewer, { a: '6 h', b: '6 h' }).pairs[0].paired, false);
});

comparison('what was asked differently is told by field, with units', () => {
  const [{ inputs }] = compared(result, result, { a: '6 h', b: '1 h' }).pairs;
  assert.equal(inputs, [{ path: 'teacher.snapshots.every', a: '6.00 h', b: '12.0 h', details: [] }]);
});

comparison('a saturated side leaves cost and steps, but no gain and no gap', () => {
  const arm = {
    ...distilledArm('6 h'),
    verdict: { state: 'SATURATED' as const, reasons: ['too much is asked'] },
  };
  const [pair] = compared(result, distillationOf([arm]), { a: '6 h', b: '6 h' }).pairs;
  assert.match(pair.meaningless!, /B \(6 h\) is SATURATED: too much is asked/);
  assert.is(figureOf(pair, 'gain').difference, undefined);
  assert.is(figureOf(pair, 'gap').difference, undefined);
  assert.ok(figureOf(pair, 'usdPerDay').difference);
  assert.ok(figureOf(pair, 'labellingUse').difference);
});

comparison('an arm that does not fit has no figures, and the text says why', () => {
  const whole = compared(result, distillationOf([distilledMisfit('6 h')]), { a: '6 h', b: '6 h' });
  assert.equal(whole.pairs[0].figures, []);
  const report = distillationComparisonReport(whole);
  assert.match(report, /cannot be compared\. B \(6 h\) DOES NOT FIT: the teacher takes 95\.0 GB/);
  assert.match(report, /1\. teacher\.fleet\.hosts: 4/);
});

comparison('the text answers in words first, and stays within the page', () => {
  const report = distillationComparisonReport(compared(result, result, { a: '6 h', b: '1 h' }));
  assert.match(
    report.replaceAll('\n', ' '),
    /^B \(1 h\) gains 0\.0406 % more of NE than A \(6 h\) \(0\.203 → 0\.244 %\) for 1500 USD\/day more \(6000 → 7500 above no teacher\); its teacher’s knowledge is fresher/,
  );
  for (const line of report.split('\n')) {
    assert.ok([...line].length <= 115, line);
    assert.not.match(line, /undefined|NaN|Infinity|\d\.\d{8}|\d{12}|±-/, line);
  }
});

comparison.run();
