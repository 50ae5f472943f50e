import type { Line } from './line.ts';
import { otherOf, type UiState } from './state.ts';
import type { Sort, SubjectView } from './subject-view.ts';
import { paragraph } from './table.ts';

/** What follows from a view and a state, computed once while neither changes; what fails is tried again. */
export class Derived {
  private orderKey: readonly unknown[] = [];
  private shownOrder: readonly number[] = [];
  private sortKey: readonly unknown[] = [];
  private sorted: readonly number[] = [];
  private contentKey: readonly unknown[] = [];
  private shownContent: readonly Line[] = [];
  private searched: { view: SubjectView; texts: string[] } | undefined;

  /** Indices of the items that pass the filter, in their order. */
  order(view: SubjectView, { filter, sort, isReversed }: UiState): readonly number[] {
    const key = [view, filter, sort, isReversed];
    if (!isSame(key, this.orderKey)) {
      const kept = this.filtered(view, filter, this.sortedBy(view, sort));
      this.shownOrder = isReversed ? kept.toReversed() : kept;
      this.orderKey = key;
    }
    return this.shownOrder;
  }

  /** Lines of the tab for the selected item. */
  content(view: SubjectView, state: UiState, width: number): readonly Line[] {
    const { tab, selected } = state;
    const other = otherOf(view, state);
    const key = [view, tab, selected, other, width];
    if (!isSame(key, this.contentKey)) {
      this.shownContent = tabContent(view, state, width);
      this.contentKey = key;
    }
    return this.shownContent;
  }

  /** All items: kept apart from the filter, which changes with every letter. */
  private sortedBy(view: SubjectView, sort: number): readonly number[] {
    const key = [view, sort];
    if (!isSame(key, this.sortKey)) {
      this.sorted = sort < 0 ? indicesOf(view) : sortedIndices(view, view.sorts[sort]);
      this.sortKey = key;
    }
    return this.sorted;
  }

  private filtered(view: SubjectView, filter: string, indices: readonly number[]): readonly number[] {
    const words = filter
      .toLowerCase()
      .split(' ')
      .filter((word) => word !== '');
    if (words.length === 0) return indices;
    if (this.searched?.view !== view) {
      this.searched = { view, texts: indicesOf(view).map((index) => view.searchText(index)) };
    }
    const { texts } = this.searched;
    return indices.filter((index) => words.every((word) => texts[index].includes(word)));
  }
}

/** Lines of a tab, or the reason why it has none. */
export function tabContent(view: SubjectView, state: UiState, width: number): Line[] {
  const { tab, selected: index } = state;
  if (index >= view.size) return [['There is nothing to show yet.']];
  const missing = view.tabs[tab].missing(index);
  if (missing !== undefined) return paragraph(`Nothing to show: ${missing}.`, width);
  return view.tabs[tab].lines({ index, other: otherOf(view, state), width });
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((value, index) => Object.is(value, b[index]));
}

function indicesOf({ size }: SubjectView): number[] {
  return Array.from({ length: size }, (_, index) => index);
}

/** Items by their value; equal ones stay as they were, and those without a value come last. */
function sortedIndices(view: SubjectView, { of }: Sort): number[] {
  const indices = indicesOf(view);
  const values = indices.map((index) => of(index));
  return indices.sort((a, b) => compareValues(values[a], values[b]));
}

function compareValues(a: number | string | undefined, b: number | string | undefined): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return a < b ? -1 : a > b ? 1 : 0;
}
