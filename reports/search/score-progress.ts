import { ticks } from 'd3';
import { significant } from '../../foundation/units.ts';
import { type Axis, positionAxis, zeroBasedAxis } from '../charts/axis.ts';
import type { Chart } from '../charts/chart.ts';
import { axisBelow, axisLeft, axisRoom, drawing, width } from '../charts/drawing.ts';
import type { Quantity } from '../charts/quantity.ts';
import { element, mark, pathOf } from '../charts/svg.ts';
import type { SearchReport } from './search-report.ts';

const area = { left: 62, right: width - 12, top: 24, bottom: 300 };
const plain: Quantity = {
  unitFor: () => ({ name: '', per: 1 }),
  format: (value) => significant(value),
};

/** Few enough to stand apart. */
const mostTicks = 10;

/** There is no half step. */
function wholeSteps({ at, domain }: Axis): Axis['ticks'] {
  return ticks(...domain, mostTicks)
    .filter(Number.isInteger)
    .map((step) => ({ position: at(step), text: String(step) }));
}

/** Scores over the steps of a search, and how the best one rose. */
export function scoreProgress({ nodes, reference }: SearchReport): Chart {
  const id = 'score-progress';
  const title = 'How the best kernel became faster';
  const right = nodes.filter(({ failure }) => !failure);
  const failed = nodes.length - right.length;
  const note = `Times as fast as ${reference}, by step; the line is the best so far. ${failed} of ${nodes.length} artifacts failed and have no score.`;
  const x = zeroBasedAxis({
    values: nodes.map(({ step }) => step),
    range: [area.left, area.right],
    quantity: plain,
    name: 'step',
  });
  const y = positionAxis({
    values: [...right.map(({ score }) => score), 1],
    range: [area.bottom, area.top],
    quantity: plain,
    name: 'times as fast',
  });
  let best = 0;
  const rises: [number, number][] = [];
  for (const { step, score, failure } of nodes) {
    if (!failure && score > best) {
      if (best > 0) rises.push([x.at(step), y.at(best)]);
      best = score;
      rises.push([x.at(step), y.at(best)]);
    }
  }
  if (rises.length > 0) rises.push([x.at(nodes[nodes.length - 1].step), y.at(best)]);
  const svg = drawing(
    { id, title, note, height: area.bottom + axisRoom },
    axisBelow({ ...x, ticks: wholeSteps(x) }, area),
    axisLeft(y, area),
    element('path', {
      class: 'note-line',
      d: pathOf([
        [area.left, y.at(1)],
        [area.right, y.at(1)],
      ]),
    }),
    rises.length > 0 ? element('path', { class: 'line series-2', d: pathOf(rises) }) : '',
    ...right.map(({ step, score, rationale }) =>
      mark('circle', { class: 'symbol series-1', cx: x.at(step), cy: y.at(score), r: 3 }, [
        `step ${step}: ${significant(score)} times as fast`,
        rationale,
      ]),
    ),
  );
  return {
    id,
    title,
    note,
    svg,
    table: {
      columns: [{ title: 'step' }, { title: 'times as fast' }, { title: 'what was done', align: 'left' }],
      rows: right.map(({ step, score, rationale }) => [String(step), significant(score), rationale]),
    },
  };
}
