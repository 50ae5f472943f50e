import { formatPercent, significant } from '../../../foundation/units.ts';
import type { KnobSide, SensitivityResult } from '../../../sim/fleet/sensitivity/sensitivity-result.ts';
import { percentChange, signedPercent } from '../../numbers.ts';
import { plainFigure } from '../../signed-numbers.ts';
import type { Line } from '../line.ts';
import { paragraph, table } from '../table.ts';

const mostKnobs = 12;
const mostRelief = 6;

/** The bottleneck, what relieves it, and the knobs that move throughput most. */
export function sensitivityLines(result: SensitivityResult, width: number): Line[] {
  const { alternative, base, bottleneck, relief, knobs, turnedBy, percentile, unexplained } = result;
  const moving = knobs.filter(({ state }) => state === 'moves').slice(0, mostKnobs);
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
    ...table(
      [
        { title: 'knob', align: 'left' },
        { title: `−${formatPercent(turnedBy)}: throughput %` },
        { title: `+${formatPercent(turnedBy)}: throughput %` },
        { title: `−: ${percentile} %`, optional: true },
        { title: `+: ${percentile} %`, optional: true },
      ],
      moving.map(({ name, down, up }) => [
        name,
        throughputOf(down),
        throughputOf(up),
        latencyOf(down),
        latencyOf(up),
      ]),
      width,
    ),
    ...unexplained.flatMap((name) =>
      paragraph(`UNEXPLAINED: ${name} moves nothing, and nothing says why`, width, 'bad'),
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
