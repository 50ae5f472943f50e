import type { Chart } from './chart.ts';
import { fileStyle } from './chart-style.ts';
import { paragraph, width } from './drawing.ts';
import { element, px, text } from './svg.ts';

const margin = 16;
const headingRoom = 40;

/** A chart as a file of its own: with its title above, its note below, its colours and a ground to stand on. */
export function standaloneSvg({ id, title, note, svg }: Chart): string {
  const height = Number(/viewBox="0 0 \d+ (\d+)"/.exec(svg)![1]);
  const caption = paragraph(note, margin, headingRoom + height + 18, width);
  const [fullWidth, fullHeight] = [width + 2 * margin, headingRoom + height + caption.height + 22];
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      class: 'chart',
      viewBox: `0 0 ${px(fullWidth)} ${px(fullHeight)}`,
      width: fullWidth,
      height: fullHeight,
      role: 'img',
      'aria-labelledby': `${id}-title ${id}-note`,
    },
    `<style>${fileStyle}</style>`,
    element('rect', { class: 'paper', width: fullWidth, height: fullHeight }),
    text(title, { class: 'heading', x: margin, y: 26 }),
    nested(svg, height),
    caption.svg,
  );
}

/** The drawing inside the file, which alone has a role; its title and description are the file's too. */
function nested(svg: string, height: number): string {
  return svg
    .replace(/ role="img" aria-labelledby="[^"]*"/, '')
    .replace('<svg', `<svg x="${margin}" y="${headingRoom}" width="${width}" height="${px(height)}"`);
}
