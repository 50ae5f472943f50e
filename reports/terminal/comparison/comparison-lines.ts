import { formatTime } from '../../../foundation/units.ts';
import type { ComparedPair, ComparedStack } from '../../../sim/compare/comparison-result.ts';
import { componentTitles } from '../../component-titles.ts';
import { plusMinus, timeUnit } from '../../numbers.ts';
import { signedChange } from '../../signed-numbers.ts';
import { intervalBar, stackedBar } from '../bars.ts';
import { comparedLines } from '../compared-lines.ts';
import { type Line, strong } from '../line.ts';
import { scaleOf } from '../percentile-bars.ts';
import { letterOf } from '../result/breakdown.ts';
import { paragraph, sections, table } from '../table.ts';
import { displayWidth, pad } from '../text-width.ts';

const percentiles = ['p50', 'p90', 'p95', 'p99', 'p99.9'];

/** Percentiles of A and of B as bars of one scale. */
export function comparedLatencyLines({ figures, a, b }: ComparedPair, width: number): Line[] {
  const shown = figures.filter(({ key }) => percentiles.includes(key));
  const sides = shown.flatMap((figure) =>
    (['a', 'b'] as const).flatMap((side) =>
      figure[side] ? [{ key: figure.key, side, value: figure[side] }] : [],
    ),
  );
  if (sides.length === 0) return [['neither side has latencies']];
  const sla = a.sla ?? b.sla;
  const most = scaleOf(
    sides.map(({ value }) => value),
    sla?.limitS,
  );
  const unit = timeUnit(sides.map(({ value }) => value.mean));
  const texts = sides.map(({ value }) => `${plusMinus(value, unit.perS)} ${unit.name}`);
  const textWidth = Math.max(...texts.map(displayWidth));
  const bars = sides.map(
    ({ key, side, value }, index): Line => [
      pad(side === 'a' ? key : '', 6),
      side.toUpperCase(),
      ' ',
      ...intervalBar(value, {
        most,
        width: Math.max(4, width - textWidth - 10),
        limit: sla?.limitS,
        tone: side === 'a' ? 'accent' : 'doubtful',
      }),
      `  ${pad(texts[index], textWidth, 'right')}`,
    ],
  );
  return sections(width, [
    `Percentiles${sla ? ` (│ SLA: ${sla.percentile} ≤ ${formatTime(sla.limitS)})` : ''}`,
    [...bars, ...paragraph('█ up to the interval, ▒ within it', width, 'faint')],
  ]);
}

/** Where the time of a typical and of a slow request goes on both sides, and what the difference is made of. */
export function comparedBreakdownLines({ breakdown }: ComparedPair, width: number): Line[] {
  const { typical, tail } = breakdown!;
  return sections(
    width,
    ['Typical request (p40–p60)', stackLines(typical, width)],
    ['Slowest 1 % of requests', stackLines(tail, width)],
  );
}

function stackLines({ aS, bS, differenceS, parts }: ComparedStack, width: number): Line[] {
  const unit = timeUnit([Math.max(aS, bS)]);
  const most = Math.max(aS, bS);
  const time = (seconds: number) =>
    seconds === 0 ? '–' : (seconds * unit.perS).toFixed(unit.name === 'µs' ? 1 : 3);
  const canonical = Object.keys(componentTitles);
  const bar = (side: 'aS' | 'bS') =>
    stackedBar(
      canonical.flatMap((component, index) =>
        parts
          .filter((part) => part.component === component)
          .map((part) => ({ letter: letterOf(part.component), value: part[side], index })),
      ),
      most,
      width - 3,
    );
  return [
    [strong('A  '), ...bar('aS')],
    [strong('B  '), ...bar('bS')],
    ...table(
      [
        { title: '', align: 'left' },
        { title: 'spent on', align: 'left', shrinks: true },
        { title: `A ${unit.name}`, optional: true },
        { title: `B ${unit.name}`, optional: true },
        { title: `B − A ${unit.name}` },
      ],
      [
        ...parts.map(({ component, aS: a, bS: b, differenceS: difference }) => [
          letterOf(component),
          componentTitles[component],
          time(a),
          time(b),
          signedChange(difference, unit.perS),
        ]),
        ['', 'all', time(aS), time(bS), signedChange(differenceS, unit.perS)],
      ],
      width,
    ),
  ];
}

/** Work, hosts and money of both sides. */
export function comparedFleetLines(pair: ComparedPair, confidence: number, width: number): Line[] {
  const figures = pair.figures.filter(({ group }) => group !== 'latency');
  return comparedLines({ a: pair.a, b: pair.b, paired: pair.paired, figures }, confidence, width);
}
