import * as assert from 'uvu/assert';
import type { Absence, Chart } from '../../../reports/charts/chart.ts';
import { soundDrawing } from './sound.ts';
import { numberOf, type Xml } from './xml.ts';

/** The drawing of a chart that is there, and sound. */
export function drawn(chart: Chart | Absence): Xml {
  assert.ok('svg' in chart, `absent: ${'reason' in chart && chart.reason}`);
  return soundDrawing(chart);
}

export function noteOf(chart: Chart | Absence): string {
  assert.ok('svg' in chart);
  return chart.note;
}

export function absentWhy(chart: Chart | Absence): string {
  assert.ok('reason' in chart);
  return chart.reason;
}

/** Within what rounding to a tenth of a pixel does to a ratio. */
export function close(value: number, expected: number, tolerance = 0.02): void {
  assert.ok(Math.abs(value - expected) <= tolerance * Math.abs(expected), `${value}, expected ${expected}`);
}

export const widthOf = (rect: Xml) => numberOf(rect, 'width');
export const heightOf = (rect: Xml) => numberOf(rect, 'height');

/** Where a symbol stands. */
export function placeOf({ attributes }: Xml): [x: number, y: number] {
  const [, x, y] = /^translate\((-?[\d.]+),(-?[\d.]+)\)$/.exec(attributes.transform)!;
  return [Number(x), Number(y)];
}
