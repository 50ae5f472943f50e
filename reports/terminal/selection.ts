import type { Context } from './context.ts';
import { visibleTop } from './layout.ts';
import type { UiState } from './state.ts';

/** Moves the selection within the list, ends included. */
export function moved(state: UiState, by: number, { view, derived, layout }: Context): UiState {
  const order = derived.order(view, state);
  if (order.length === 0) return state;
  const position = Math.max(0, Math.min(order.length - 1, order.indexOf(state.selected) + by));
  const top = visibleTop(state.top, position, layout.listPage, order.length);
  return {
    ...state,
    selected: order[position],
    top,
    scroll: order[position] === state.selected ? state.scroll : 0,
  };
}

/** After another filter or order: what is selected stays so where it is still there, and is seen. */
export function withSelection(state: UiState, { view, derived, layout }: Context): UiState {
  const order = derived.order(view, state);
  if (order.length === 0) return { ...state, top: 0 };
  const position = Math.max(0, order.indexOf(state.selected));
  return {
    ...state,
    selected: order[position],
    top: visibleTop(state.top, position, layout.listPage, order.length),
    scroll: order[position] === state.selected ? state.scroll : 0,
  };
}
