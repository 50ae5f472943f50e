import { type Area, labelSize } from './drawing.ts';
import { text } from './svg.ts';
import { shortened, textWidth } from './text-size.ts';

/** Room for a name. */
const longest = 190;

type Box = [left: number, top: number, right: number, bottom: number];

/** A point, and what is to be written beside it. */
export interface Named {
  at: readonly [x: number, y: number];
  name?: string | undefined;
}

/** Names beside their points, each where it covers neither a point nor another name; none where there is no such place. */
export function namesBeside(points: readonly Named[], { left, right, top, bottom }: Area): string[] {
  const taken = points.map(({ at: [x, y] }): Box => [x - 5, y - 5, x + 5, y + 5]);
  const isFree = ([x1, y1, x2, y2]: Box) =>
    x1 >= left &&
    x2 <= right &&
    y1 >= top - 10 &&
    y2 <= bottom &&
    taken.every(([a1, b1, a2, b2]) => x2 <= a1 || x1 >= a2 || y2 <= b1 || y1 >= b2);
  return points.map(({ at: [x, y], name: whole }) => {
    if (whole === undefined) return '';
    const name = shortened(whole, longest, labelSize);
    const size = textWidth(name, labelSize);
    const places: Box[] = [
      [x + 5, y - 21, x + 5 + size, y - 5],
      [x - 5 - size, y + 5, x - 5, y + 21],
      [x + 8, y - 8, x + 8 + size, y + 8],
      [x - 8 - size, y - 8, x - 8, y + 8],
      [x + 5, y + 5, x + 5 + size, y + 21],
      [x - 5 - size, y - 21, x - 5, y - 5],
    ];
    const place = places.find(isFree);
    if (!place) return '';
    taken.push(place);
    return text(name, { class: 'beside', x: place[0], y: place[1] + 12 });
  });
}
