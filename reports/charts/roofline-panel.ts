import { evidenceLevels } from '../../foundation/evidence.ts';
import type { MeasuredSample, OperatorResult, RooflineResult } from '../../sim/roofline-result.ts';
import { type Axis, logAxis } from './axis.ts';
import { type Area, axisBelow, axisLeft, smallSize, width } from './drawing.ts';
import { namesBeside } from './names-beside.ts';
import { bytes, bytesPerS, flopPerS, flops, intensity, percent, time } from './quantity.ts';
import { panelTitle } from './rows.ts';
import { type Series, symbol } from './series.ts';
import { element, mark, pathOf, px, text } from './svg.ts';
import { textWidth } from './text-size.ts';

const plotHeight = 330;
export const panelHeight = plotHeight + 96;

/** Names of operators that are written out, those of the most time first. */
const mostNames = 14;

/** A look for each level of evidence: its colour, and a shape that repeats where colours are far apart. */
export const evidenceSeries: Series[] = evidenceLevels.map((name, index) => ({
  name,
  className: `evidence-${name}`,
  rank: [0, 1, 3, 2, 8, 5, 4][index],
  isRest: false,
}));

/** The roofs of one device in log–log, with the operators that it runs and the points that were measured on it. */
export function rooflinePanel(
  device: string,
  roof: RooflineResult,
  operators: readonly OperatorResult[],
  top: number,
): string {
  const area: Area = { left: 84, right: width - 16, top: top + 44, bottom: top + 44 + plotHeight };
  const drawn = operators.filter((one) => one.flops > 0 && one.seconds > 0 && bytesOf(one) > 0);
  const samples = (roof.measured ?? []).map(withArithmetic).filter(({ flops: counts }) => counts.length > 0);
  const { x, y } = axesOf(roof, drawn, samples, area);
  return [
    panelTitle(roof.unit === 'core' ? `one core of ${device}` : device, 0, top + 14),
    axisBelow(x, area),
    axisLeft(y, area),
    ceilings(roof, [...drawn, ...samples], x, y, area),
    ...samples.map((sample) => sampleMarks(sample, x, y)),
    ...drawn.map((one) => operatorMark(one, x, y)),
    ...names(drawn, x, y, area),
  ].join('');
}

function bytesOf({ bytes: own, cachedBytes = 0 }: OperatorResult): number {
  return own + cachedBytes;
}

/** Only the points of a sample that stand somewhere on logarithmic scales. */
function withArithmetic(sample: MeasuredSample): MeasuredSample {
  const kept = sample.flops.flatMap((count, index) =>
    count > 0 && sample.bytes[index] > 0 && sample.seconds[index] > 0 && sample.predictedS[index] > 0
      ? [index]
      : [],
  );
  const only = (column: readonly number[]) => kept.map((index) => column[index]);
  const { flops: counts, bytes: moved, seconds, predictedS } = sample;
  return {
    ...sample,
    flops: only(counts),
    bytes: only(moved),
    seconds: only(seconds),
    predictedS: only(predictedS),
  };
}

/** What bounds a data type: its own peak, or that of fp32 where the device states none. */
function peakOf({ peakFlopPerS }: RooflineResult, dataType: string) {
  const type = peakFlopPerS[dataType] ? dataType : 'fp32';
  const peak = peakFlopPerS[type];
  return peak ? { type, ...peak } : undefined;
}

function axesOf(
  roof: RooflineResult,
  drawn: readonly OperatorResult[],
  samples: readonly MeasuredSample[],
  { left, right, top, bottom }: Area,
): { x: Axis; y: Axis } {
  const types = [...drawn, ...samples].map(({ dataType }) => dataType);
  const peaks = types.flatMap((type) => peakOf(roof, type)?.value ?? []);
  const ridges = peaks.map((peak) => peak / roof.memoryBytesPerS.value);
  const intensities = [
    ...drawn.map((one) => one.flops / bytesOf(one)),
    ...samples.flatMap((sample) => sample.flops.map((count, index) => count / sample.bytes[index])),
  ];
  const rates = [
    ...drawn.map((one) => one.flops / one.seconds),
    ...samples.flatMap((sample) => sample.flops.map((count, index) => count / sample.seconds[index])),
  ];
  const x = logAxis({
    values: [...intensities, ...ridges].flatMap((value) => [value / 1.5, value * 1.5]),
    range: [left, right],
    quantity: intensity,
    name: 'arithmetic intensity',
  });
  const y = logAxis({
    values: [...rates, ...peaks].flatMap((value) => [value / 1.5, value * 1.6]),
    range: [bottom, top],
    quantity: flopPerS,
    name: 'work per second',
  });
  return { x, y };
}

/** Sloping lines of bandwidth and level ones of arithmetic, each told by name, bandwidths only under the highest peak. */
function ceilings(
  roof: RooflineResult,
  used: readonly { dataType: string }[],
  x: Axis,
  y: Axis,
  area: Area,
): string {
  const peaks = new Map(
    used.flatMap(({ dataType }) => {
      const peak = peakOf(roof, dataType);
      return peak ? [[peak.type, peak] as const] : [];
    }),
  );
  const highest = Math.max(...[...peaks.values()].map(({ value }) => value));
  const slopes = [
    { name: 'memory', ...roof.memoryBytesPerS },
    ...(roof.cacheBytesPerS ? [{ name: 'cache', ...roof.cacheBytesPerS }] : []),
  ];
  const steepest = Math.max(...slopes.map(({ value }) => value));
  const written: number[] = [];
  const told = [...peaks.values()]
    .sort((a, b) => b.value - a.value)
    .map(({ type, value, evidence, source }) => {
      const lines = [`${type} peak`, flopPerS.format(value), evidence, source];
      const path: [number, number][] = [
        [x.at(value / steepest), y.at(value)],
        [area.right, y.at(value)],
      ];
      return (
        mark('path', { class: 'roof', d: pathOf(path) }, lines) +
        roofName(type, flopPerS.format(value), [area.right, y.at(value)], written)
      );
    });
  const sloping = slopes.map(({ name, value, evidence, source }) => {
    const lines = [name, bytesPerS.format(value), evidence, source];
    const ends = slopeWithin(value, highest, x, y);
    if (!ends) return '';
    const drawn = mark(
      'path',
      { class: 'roof', d: pathOf(ends.map(([at, perS]) => [x.at(at), y.at(perS)])) },
      lines,
    );
    return drawn + slopeName(`${name} ${bytesPerS.format(value)}`, x.at(ends[0][0]), y.at(ends[0][1]), area);
  });
  return [...sloping, ...told].join('');
}

/** A bandwidth as a line of intensity and work per second, from where it enters the drawing to the highest peak. */
function slopeWithin(bandwidth: number, highest: number, x: Axis, y: Axis): [number, number][] | undefined {
  const from = Math.max(x.domain[0], y.domain[0] / bandwidth);
  const to = Math.min(x.domain[1], highest / bandwidth);
  return from < to
    ? [
        [from, from * bandwidth],
        [to, to * bandwidth],
      ]
    : undefined;
}

/** Above the right end of a level roof, or below it where another name stands above; none where both are taken. */
function roofName(type: string, value: string, [x, y]: [number, number], written: number[]): string {
  const at = [y - 4, y + 13].find((place) => written.every((other) => Math.abs(other - place) >= 13));
  if (at === undefined) return '';
  written.push(at);
  return text(`${type} ${value}`, { class: 'detail beside', x, y: at, 'text-anchor': 'end' });
}

/** Right of the low end of a slope, under it. */
function slopeName(words: string, x: number, y: number, { right, bottom }: Area): string {
  const at = Math.min(x + 14, right - textWidth(words, smallSize));
  return text(words, { class: 'detail beside', x: at, y: Math.min(y + 6, bottom - 4) });
}

function sampleMarks(sample: MeasuredSample, x: Axis, y: Axis): string {
  const { operator, dataType, implementation } = sample;
  return sample.flops
    .map((count, index) => {
      const [measuredS, predictedS] = [sample.seconds[index], sample.predictedS[index]];
      const atX = x.at(count / sample.bytes[index]);
      const [atY, expected] = [y.at(count / measuredS), y.at(count / predictedS)];
      const lines = [
        `${operator} ${dataType}, ${implementation}, measured`,
        `${flops.format(count)}, ${bytes.format(sample.bytes[index])}`,
        `${time.format(measuredS)}, ${flopPerS.format(count / measuredS)}`,
        `predicted ${time.format(predictedS)}, off by ${percent(predictedS / measuredS - 1)}`,
      ];
      const residual = element('path', { class: 'residual', d: `M${px(atX)},${px(atY)}V${px(expected)}` });
      return residual + mark('circle', { class: 'measured-point', cx: atX, cy: atY, r: 2 }, lines);
    })
    .join('');
}

function nameOf({ net, name }: OperatorResult): string {
  return net === undefined ? name : `${net} ${name}`;
}

function operatorMark(one: OperatorResult, x: Axis, y: Axis): string {
  const look = evidenceSeries.find(({ name }) => name === one.evidence)!;
  const perByte = one.flops / bytesOf(one);
  const shares = Object.entries(one.shares).sort((a, b) => b[1] - a[1]);
  const spread = one.logError > 0 ? `, ±${percent(Math.exp(one.logError) - 1)} (standard deviation)` : '';
  const lines = [
    `${nameOf(one)}, ${one.kind} ${one.dataType}`,
    one.shape,
    `${flops.format(one.flops)}, ${bytes.format(bytesOf(one))} of ${one.bytesFrom}: ${intensity.format(perByte)}`,
    `${time.format(one.seconds)}${spread}: ${flopPerS.format(one.flops / one.seconds)}`,
    `${percent(one.speedOfLightS / one.seconds)} of its roofline`,
    one.evidence,
    ...shares.slice(0, 3).map(([arm, share]) => `${percent(share)} of the operator time of ${arm}`),
    ...(shares.length > 3 ? [`and of ${shares.length - 3} more arms`] : []),
  ];
  return symbol(look, x.at(perByte), y.at(one.flops / one.seconds), lines, 64);
}

/** Names of those that take most time, each once: the same operator stands at other places for other arms. */
function names(drawn: readonly OperatorResult[], x: Axis, y: Axis, area: Area): string[] {
  const shareOf = ({ shares }: OperatorResult) => Math.max(0, ...Object.values(shares));
  const ranked = [...drawn].sort((a, b) => shareOf(b) - shareOf(a));
  const seen = new Set<string>();
  return namesBeside(
    ranked.map((one) => {
      const name = nameOf(one);
      const isNew = !seen.has(name) && seen.size < mostNames;
      if (isNew) seen.add(name);
      const at = [x.at(one.flops / bytesOf(one)), y.at(one.flops / one.seconds)] as const;
      return { at, name: isNew ? name : undefined };
    }),
    area,
  );
}
