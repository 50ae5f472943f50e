import { formatPercent, significant } from '../../../foundation/units.ts';
import type {
  KnobResult,
  KnobSide,
  SensitivityResult,
} from '../../../sim/fleet/sensitivity/sensitivity-result.ts';
import { percentChange, signedPercent } from '../../numbers.ts';
import { plainFigure } from '../../signed-numbers.ts';
import type { Line } from '../line.ts';
import { plainPercent } from '../short-numbers.ts';
import { facts, paragraph, table } from '../table.ts';

const mostKnobs = 12;
const mostRelief = 6;

/** The bottleneck, what relieves it, and the knobs that move throughput most. */
export function sensitivityLines(result: SensitivityResult, width: number): Line[] {
  const { alternative, base, bottleneck, relief, knobs, turnedBy, percentile, unexplained } = result;
  const moving = knobs.filter(({ state }) => state === 'moves').slice(0, mostKnobs);
  const turn = plainPercent(turnedBy);
  const named = (id: string) => knobs.find((knob) => knob.id === id);
  return [
    ...paragraph(
      `${alternative}: ${bottleneck.resource} of ${bottleneck.group} is the bottleneck, ρ ${bottleneck.offered.toFixed(2)} at ` +
        `${significant(base.judgedPerS)} requests/s; ${formatPercent(bottleneck.componentShare)} of the slowest 1 % is ` +
        `${bottleneck.component}. It bears ${plainFigure(base.throughputPerS)} requests/s.`,
      width,
    ),
    ...(relief.length > 0
      ? paragraph('What surely raises throughput:', width)
      : paragraph('No single knob surely raises throughput.', width)),
    ...relief.slice(0, mostRelief).flatMap(({ knob: id, side, throughput, perUsd }) => {
      const knob = named(id);
      const money = perUsd === undefined ? '' : `, ${significant(perUsd)} requests/s for each USD/h`;
      return paragraph(
        `• ${knob?.name} ${knob?.value} → ${knob?.[side].value}: ${signedPercent(throughput)}${money}`,
        width,
      );
    }),
    [''],
    ...(width < leastTable ? knobFacts(moving, turn, width) : knobTable(moving, turn, percentile, width)),
    ...unexplained.flatMap((name) =>
      paragraph(`UNEXPLAINED: ${name} moves nothing, and nothing says why`, width, 'bad'),
    ),
  ];
}

/** Fewer columns are too few for names of knobs and two changes. */
const leastTable = 60;

function knobTable(knobs: readonly KnobResult[], turn: string, percentile: string, width: number): Line[] {
  return [
    ...paragraph(`Throughput and ${percentile} in % where a knob is turned by`, width, 'faint'),
    ...table(
      [
        { title: 'knob', align: 'left', shrinks: true },
        { title: `−${turn}` },
        { title: `+${turn}` },
        { title: `${percentile} at −${turn}`, optional: true },
        { title: `${percentile} at +${turn}`, optional: true },
      ],
      knobs.map(({ name, down, up }) => [
        name,
        throughputOf(down),
        throughputOf(up),
        latencyOf(down),
        latencyOf(up),
      ]),
      width,
    ),
  ];
}

function knobFacts(knobs: readonly KnobResult[], turn: string, width: number): Line[] {
  return [
    ...paragraph('Throughput in % where a knob is turned', width, 'faint'),
    ...facts(
      knobs.map(({ name, down, up }) => [
        name,
        `−${turn}: ${throughputOf(down)}\n+${turn}: ${throughputOf(up)}`,
      ]),
      width,
    ),
  ];
}

function throughputOf({ throughput, misfit, cannot }: KnobSide): string {
  if (misfit !== undefined) return 'does not fit';
  return cannot !== undefined || !throughput ? '–' : percentChange(throughput);
}

function latencyOf({ latency, overloaded }: KnobSide): string {
  if (overloaded) return 'overload';
  return latency ? percentChange({ mean: latency.mean }) : '–';
}
