import { pointer, quadtree } from 'd3';
import { offerChoice } from './choice.ts';
import { makeSvg } from './elements.ts';
import { enlivenLegend } from './legend.ts';
import { makeWalkable, markAt, textOf } from './marks.ts';
import { linesOf, type Points, pointsOf } from './points.ts';
import type { Tooltip } from './tooltip.ts';

/** Furthest from a dot, in units of the drawing, that a pointer is still at it. */
const reach = 24;

/** Makes a drawing answer to pointer and keyboard. */
export function bringToLife(figure: HTMLElement, tooltip: Tooltip): void {
  const svg = figure.querySelector<SVGSVGElement>('svg.chart');
  if (!svg) return;
  makeWalkable(figure, svg, tooltip);
  enlivenLegend(svg);
  const points = pointsOf(figure);
  if (points) offerChoice(figure, svg, points);
  const showDot = points ? dotTeller(svg, points, tooltip) : () => tooltip.hide();
  svg.addEventListener('pointermove', (event) => {
    const mark = markAt(event.target);
    if (mark) tooltip.showAt(textOf(mark), event.clientX, event.clientY);
    else showDot(event);
  });
  svg.addEventListener('pointerleave', () => tooltip.hide());
}

/** Tells of the dot that is nearest to a pointer, and rings it. */
function dotTeller(svg: SVGSVGElement, points: Points, tooltip: Tooltip): (event: PointerEvent) => void {
  const { x, y } = points;
  const ring = makeSvg('circle', { class: 'nearest', r: '6' });
  let tree: ReturnType<typeof quadtree<number>> | undefined;
  svg.addEventListener('pointerleave', () => ring.remove());
  return (event) => {
    tree ??= quadtree<number>()
      .x((dot) => x[dot])
      .y((dot) => y[dot])
      .addAll([...x.keys()]);
    const dot = tree.find(...pointer(event, svg), reach);
    if (dot === undefined) {
      ring.remove();
      tooltip.hide();
      return;
    }
    ring.setAttribute('cx', String(x[dot]));
    ring.setAttribute('cy', String(y[dot]));
    svg.append(ring);
    tooltip.showAt(linesOf(points, dot), event.clientX, event.clientY);
  };
}
