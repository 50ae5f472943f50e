import { counted } from '../../foundation/counted.ts';
import type { Derived } from './derived.ts';
import { type Layout, listHeadHeight, visibleTop } from './layout.ts';
import { faint, type Line, type Piece, plain } from './line.ts';
import type { UiState } from './state.ts';
import { statusSpan } from './status.ts';
import type { Item, SubjectView } from './subject-view.ts';
import { clip, clipMiddle, displayWidth, pad, printable } from './text-width.ts';

/** Columns before the name: whether it is selected, whether it is marked. */
const markWidth = 3;

/** The list: how many, in which order, the titles of the figures, and as many items as fit. */
export function listLines(view: SubjectView, state: UiState, derived: Derived, layout: Layout): Line[] {
  const order = derived.order(view, state);
  const position = order.indexOf(state.selected);
  const top = visibleTop(state.top, position, layout.listPage, order.length);
  const shown = order.slice(top, top + layout.listPage);
  const lines = shown.flatMap((index) => itemLines(view, index, state, layout));
  const head = [countLine(view, state, order.length, layout.listWidth), titleLine(view, layout)];
  const body = order.length === 0 ? emptyLines(view, state) : lines;
  return [...head, ...body].slice(0, Math.max(listHeadHeight, layout.bodyHeight));
}

function emptyLines({ what }: SubjectView, { filter }: UiState): Line[] {
  return [[faint(filter === '' ? ` no ${what} yet` : ` no ${what} matches the filter`)]];
}

function countLine(
  { size, what, sorts }: SubjectView,
  { filter, sort, isReversed }: UiState,
  shown: number,
  width: number,
): Line {
  const count = shown === size ? counted(size, what) : `${shown} of ${counted(size, what)}`;
  const order =
    sort < 0 ? (isReversed ? 'reversed' : 'as listed') : `by ${sorts[sort].title} ${isReversed ? '↓' : '↑'}`;
  const filtered = filter === '' ? '' : `/${filter}`;
  const left = clip(` ${count}, ${order}`, width);
  return [left, { text: clip(` ${printable(filtered)}`, width - displayWidth(left)), tone: 'accent' }];
}

/** Columns of a figure under its title. */
function widthOf(title: string): number {
  return title === 'ρ' ? 4 : Math.max(6, displayWidth(title));
}

function titleLine({ figureTitles }: SubjectView, { listWidth }: Layout): Line {
  const text = figureTitles.map((title) => ` ${pad(title, widthOf(title), 'right')}`).join('');
  return [faint(pad(clip(text, listWidth), listWidth, 'right'))];
}

function itemLines(
  view: SubjectView,
  index: number,
  state: UiState,
  { listWidth, itemHeight }: Layout,
): Line[] {
  const item = view.item(index);
  const isSelected = index === state.selected;
  const mark = `${isSelected ? '▸' : ' '}${index === state.marked ? 'A' : ' '} `;
  const figures = figuresText(view, item);
  const lines =
    itemHeight === 1
      ? [oneLine(mark, item, figures, listWidth)]
      : [[mark, clipMiddle(printable(item.name), listWidth - markWidth)], twoLine(item, figures, listWidth)];
  return isSelected ? lines.map((line) => [{ text: pad(plain(line), listWidth), tone: 'selected' }]) : lines;
}

function figuresText({ figureTitles }: SubjectView, { figures }: Item): string {
  return figureTitles.map((title, index) => ` ${pad(figures[index], widthOf(title), 'right')}`).join('');
}

/** Status to the left, figures to the right; where both do not fit, the status gives way. */
function twoLine({ status }: Item, figures: string, width: number): Line {
  const trimmed = figures.trimStart();
  const { text, tone } = statusSpan(status);
  const room = Math.max(0, width - markWidth - displayWidth(trimmed) - 1);
  const word = clip(text, room);
  const fill = ' '.repeat(Math.max(0, width - markWidth - displayWidth(word) - displayWidth(trimmed)));
  return [' '.repeat(markWidth), { text: word, tone }, fill + trimmed];
}

/** Columns of the longest words of a status. */
const statusWidth = 16;

function oneLine(mark: string, { name, status }: Item, figures: string, width: number): Line {
  const nameWidth = width - markWidth - statusWidth - displayWidth(figures) - 2;
  const { text, tone } = statusSpan(status);
  const pieces: Piece[] = [mark, pad(clipMiddle(printable(name), nameWidth), nameWidth), '  '];
  return [...pieces, { text: pad(clip(text, statusWidth), statusWidth), tone }, figures];
}
