import type { GrowthResult } from '../../sim/fleet/growth/growth-result.ts';
import { label, smallSize } from './drawing.ts';
import { usd } from './quantity.ts';
import type { Quarters } from './quarters.ts';
import { panelTitle } from './rows.ts';
import type { Series } from './series.ts';
import { mark, pathOf, text } from './svg.ts';
import { textWidth } from './text-size.ts';

const orderHeight = 18;

/** A part of a drawing that spans its width. */
export interface Panel {
  svg: string;
  bottom: number;
}

/** Orders as bars from the quarter in which they are placed to that of their delivery, and what is returned. */
export function ordersPanel(
  { orders, returns }: GrowthResult,
  types: readonly Series[],
  quarters: Quarters,
  top: number,
): Panel {
  if (orders.length + returns.length === 0) {
    return {
      svg: text('Nothing has to be ordered.', { class: 'detail', x: quarters.left, y: top }),
      bottom: top,
    };
  }
  const classOf = (host: string) => types.find(({ name }) => name === host)?.className ?? 'series-rest';
  const placed = orders.map(({ ordered, delivered, host, count, usdToEnd }, row) => {
    const y = top + 10 + row * orderHeight;
    const [from, to] = [quarters.start(ordered - 1), quarters.start(delivered - 1)];
    const lines = [
      `${count} ${host}`,
      `ordered in Q${ordered}, delivered in Q${delivered}`,
      `${usd.format(usdToEnd)} from then to the end`,
    ];
    const bar = mark(
      'rect',
      { class: `bar ${classOf(host)}`, x: from, y, width: Math.max(4, to - from), height: 11 },
      lines,
    );
    return bar + beside(`${count} ${host}`, from, Math.max(from + 4, to), y + 10, quarters);
  });
  const back = returns.map(({ quarter, host, count }, index) => {
    const y = top + 10 + (orders.length + index) * orderHeight;
    const at = quarters.start(quarter - 1);
    const words = `${count} ${host} returned`;
    const path = pathOf([
      [at - 4, y + 1],
      [at + 4, y + 1],
      [at, y + 10],
    ]);
    return (
      mark('path', { class: `symbol ${classOf(host)}`, d: `${path}Z` }, [words, `as Q${quarter} begins`]) +
      beside(words, at, at, y + 10, quarters)
    );
  });
  const bottom = top + 10 + (orders.length + returns.length) * orderHeight;
  return { svg: [panelTitle('orders', quarters.left, top), ...placed, ...back].join(''), bottom };
}

/** Words right of a bar, or left of it where there is more room. */
function beside(words: string, from: number, to: number, y: number, { right }: Quarters): string {
  const [roomLeft, roomRight] = [from - 6, right - to - 6];
  const isLeft = roomRight < textWidth(words, smallSize) && roomLeft > roomRight;
  return label(words, {
    class: 'value',
    x: isLeft ? from - 6 : to + 6,
    y,
    room: isLeft ? roomLeft : roomRight,
    anchor: isLeft ? 'end' : 'start',
  });
}
