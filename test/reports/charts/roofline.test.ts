import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Chart } from '../../../reports/charts/chart.ts';
import { rooflines } from '../../../reports/charts/roofline.ts';
import type { Result } from '../../../sim/result.ts';
import type { OperatorResult, RooflineResult } from '../../../sim/roofline-result.ts';
import { absentWhy, close, drawn, noteOf, placeOf } from './drawn.ts';
import { armOf, resultOf } from './results.ts';
import { marksOf, pathPoints } from './sound.ts';
import { numberOf, told, withClass } from './xml.ts';

/** An operator of 10 FLOP a byte that reaches half of what a roof of 100 GB/s allows. */
function operatorOf(name: string, changes: Partial<OperatorResult> = {}): OperatorResult {
  return {
    device: 'chip',
    name,
    kind: 'gemm',
    dataType: 'fp16',
    shape: 'm 1, n 1, k 1',
    flops: 1e9,
    bytes: 1e8,
    bytesFrom: 'memory',
    seconds: 2e-3,
    logError: 0,
    evidence: 'fitted',
    speedOfLightS: 1e-3,
    shares: { one: 0.5 },
    ...changes,
  };
}

/** A device of 10 TFLOP/s in fp16, 1 TFLOP/s in fp32, and 100 GB/s. */
function roofOf(changes: Partial<RooflineResult> = {}): RooflineResult {
  const stated = (value: number) => ({ value, evidence: 'datasheet' as const, source: 'its datasheet' });
  return {
    unit: 'accelerator',
    peakFlopPerS: { fp16: stated(1e13), fp32: stated(1e12) },
    memoryBytesPerS: stated(1e11),
    ...changes,
  };
}

function resultWith(operators: OperatorResult[], roofs: Record<string, RooflineResult>): Result {
  return { ...resultOf([armOf('one', 0.01)]), operators, rooflines: roofs };
}

const test = suite('charts: rooflines');

test('an operator at half of its roof stands as far below it as the scale says', () => {
  const drawing = drawn(
    rooflines(resultWith([operatorOf('fc'), operatorOf('at', { seconds: 1e-3 })], { chip: roofOf() })),
  );
  const [half] = marksOf(drawing, 'fc, gemm fp16').map(placeOf);
  const [whole] = marksOf(drawing, 'at, gemm fp16').map(placeOf);
  const [[x1, y1], [x2, y2]] = pathPoints(marksOf(drawing, 'memory')[0].attributes.d);
  const roofY = y1 + ((whole[0] - x1) / (x2 - x1)) * (y2 - y1);
  close(roofY, whole[1], 0.005);
  const [peak] = marksOf(drawing, 'fp16 peak');
  const [[, peakY]] = pathPoints(peak.attributes.d);
  // From 1 TFLOP/s, where 10 FLOP a byte meet the slope, to the peak of 10 is a factor of ten.
  close((half[1] - whole[1]) / (whole[1] - peakY), Math.log10(2));
  assert.equal(told(peak), ['fp16 peak', '10.0 TFLOP/s', 'datasheet', 'its datasheet']);
});

test('level and sloping roofs meet', () => {
  const drawing = drawn(rooflines(resultWith([operatorOf('fc')], { chip: roofOf() })));
  const slope = pathPoints(marksOf(drawing, 'memory')[0].attributes.d);
  const level = pathPoints(marksOf(drawing, 'fp16 peak')[0].attributes.d);
  assert.equal(slope[1], level[0]);
});

test('a type without a peak of its own is bounded by fp32', () => {
  const drawing = drawn(rooflines(resultWith([operatorOf('fc', { dataType: 'int32' })], { chip: roofOf() })));
  assert.is(marksOf(drawing, 'fp32 peak').length, 1);
  assert.is(marksOf(drawing, 'fp16 peak').length, 0);
});

test('measured points stand beside what the fit predicts', () => {
  const measured = [
    {
      operator: 'gemm',
      dataType: 'fp16',
      implementation: 'library',
      points: 100,
      rates: { latencyS: 1e-6 },
      flops: [1e9, 0],
      bytes: [1e8, 1e6],
      seconds: [1e-3, 1e-6],
      predictedS: [2e-3, 1e-6],
    },
  ];
  const drawing = drawn(rooflines(resultWith([operatorOf('fc')], { chip: roofOf({ measured }) })));
  const points = withClass(drawing, 'mark measured-point');
  assert.is(points.length, 1);
  assert.equal(told(points[0]), [
    'gemm fp16, library, measured',
    '1.00 GFLOP, 100 MB',
    '1.00 ms, 1.00 TFLOP/s',
    'predicted 2.00 ms, off by 100 %',
  ]);
  // The operator takes as long as is predicted here, so the residual ends at its symbol.
  const [[x, y]] = marksOf(drawing, 'fc, gemm fp16').map(placeOf);
  const [residual] = withClass(drawing, 'residual').map(({ attributes }) => attributes.d);
  assert.is(residual, `M${x},${numberOf(points[0], 'cy')}V${y}`);
});

test('operators without arithmetic are in the table only; without any the chart is absent', () => {
  const bare = operatorOf('concat', { flops: 0 });
  const chart = rooflines(resultWith([operatorOf('fc'), bare], { chip: roofOf() })) as Chart;
  assert.is(withClass(drawn(chart), 'mark symbol').length, 1);
  assert.match(noteOf(chart), /1 operators without arithmetic/);
  assert.is(chart.table.rows.length, 2);
  assert.match(absentWhy(rooflines(resultWith([bare], { chip: roofOf() }))), /no operator/);
  assert.match(absentWhy(rooflines(resultOf([armOf('one', 0.01)]))), /no operator/);
});

test('evidence is told by shape and colour', () => {
  const operators = [
    operatorOf('a', { evidence: 'measured' }),
    operatorOf('b', { evidence: 'assumed', flops: 5e8 }),
  ];
  const drawing = drawn(rooflines(resultWith(operators, { chip: roofOf({ unit: 'core' }) })));
  const [a, b] = ['a, gemm fp16', 'b, gemm fp16'].map((name) => marksOf(drawing, name)[0].attributes);
  assert.is.not(a.d, b.d);
  assert.match(a.class, /evidence-measured/);
  assert.match(b.class, /evidence-assumed/);
});

test.run();
