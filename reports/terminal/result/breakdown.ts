import { formatPercent } from '../../../foundation/units.ts';
import type { Measured } from '../../../sim/result.ts';
import { componentTitles } from '../../component-titles.ts';
import { timeUnit } from '../../numbers.ts';
import { type BarPart, stackedBar } from '../bars.ts';
import { fill, type Line, strong } from '../line.ts';
import { table } from '../table.ts';

type Parts = Measured['breakdownS']['typical'];
export type Component = keyof Parts;

/** Components in the order of a result, which gives each its letter and colour. */
const components = Object.keys(componentTitles) as Component[];

export function letterOf(component: Component): string {
  return String.fromCharCode('a'.charCodeAt(0) + components.indexOf(component));
}

/** Where a typical request and a slow one spend their time: two bars of one scale, and what each letter stands for. */
export function breakdownLines({ typical, tail }: { typical: Parts; tail: Parts }, width: number): Line[] {
  const totals = [totalOf(typical), totalOf(tail)];
  const unit = timeUnit(totals);
  const text = (seconds: number) =>
    `${(seconds * unit.perS).toFixed(unit.name === 'µs' ? 1 : 3)} ${unit.name}`;
  const most = Math.max(...totals);
  return [
    [strong('Typical request (p40–p60): '), text(totals[0])],
    stackedBar(barParts(typical), most, width),
    [strong('Slowest 1 % of requests: '), text(totals[1])],
    stackedBar(barParts(tail), most, width),
    [''],
    ...legend(typical, tail, unit, width),
  ];
}

export function totalOf(parts: Parts): number {
  return Object.values(parts).reduce((sum, value) => sum + value, 0);
}

export function barParts(parts: Parts): BarPart[] {
  return components.map((component, index) => ({
    letter: letterOf(component),
    value: parts[component],
    index,
  }));
}

function legend(typical: Parts, tail: Parts, unit: { name: string; perS: number }, width: number): Line[] {
  const shown = components
    .filter((component) => typical[component] > 0 || tail[component] > 0)
    .sort((a, b) => Math.max(typical[b], tail[b]) - Math.max(typical[a], tail[a]));
  const totals = { typical: totalOf(typical), tail: totalOf(tail) };
  const time = (seconds: number) =>
    seconds === 0 ? '–' : (seconds * unit.perS).toFixed(unit.name === 'µs' ? 1 : 3);
  const share = (seconds: number, total: number) => (seconds === 0 ? '–' : formatPercent(seconds / total));
  return table(
    [
      { title: '', align: 'left' },
      { title: `spent on, ${unit.name}`, align: 'left', shrinks: true },
      { title: 'typical' },
      { title: 'share', optional: true },
      { title: 'slowest' },
      { title: 'share', optional: true },
    ],
    shown.map((component) => [
      { text: letterOf(component), tone: fill(components.indexOf(component)) },
      componentTitles[component],
      time(typical[component]),
      share(typical[component], totals.typical),
      time(tail[component]),
      share(tail[component], totals.tail),
    ]),
    width,
  );
}
