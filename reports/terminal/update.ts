import type { Context, Effect, Step } from './context.ts';
import { helpLines } from './help-lines.ts';
import type { Key } from './keys.ts';
import { answerPrompt } from './prompts.ts';
import { moved, withSelection } from './selection.ts';
import type { UiState } from './state.ts';
import { tabKeys } from './subject-view.ts';

/** The state after a key, and what else is to be done. */
export function update(before: UiState, key: Key, context: Context): Step {
  if (key.name === 'interrupt') return [before, { kind: 'interrupt' }];
  if (key.name === 'suspend') return [before, { kind: 'suspend' }];
  if (key.name === 'redraw') return [before, { kind: 'redraw' }];
  const state = { ...before, notice: undefined };
  if (state.prompt) return answerPrompt(state, state.prompt, key, context);
  if (state.isHelp && !scrolls(key)) return [{ ...state, isHelp: false, scroll: 0 }];
  return key.name === 'text'
    ? letter(state, key.text, context)
    : [browse(state, key.name, context), effectOf(state, key.name, context)];
}

/** Keys that scroll help as they scroll a tab; any other one closes it. */
function scrolls(key: Key): boolean {
  if (key.name === 'text') return key.text === ' ' || key.text === 'b';
  return ['pageUp', 'pageDown', 'home', 'end'].includes(key.name);
}

function effectOf(
  { selected }: UiState,
  name: Key['name'],
  { isChooser, view }: Context,
): Effect | undefined {
  return name === 'enter' && isChooser && view.size > 0 ? { kind: 'open', index: selected } : undefined;
}

function browse(state: UiState, name: Key['name'], context: Context): UiState {
  const page = context.layout.bodyHeight - 1;
  switch (name) {
    case 'up':
      return moved(state, -1, context);
    case 'down':
      return moved(state, 1, context);
    case 'left':
    case 'backTab':
      return otherTab(state, -1);
    case 'right':
    case 'tab':
      return otherTab(state, 1);
    case 'pageUp':
      return scrolled(state, state.scroll - page, context);
    case 'pageDown':
      return scrolled(state, state.scroll + page, context);
    case 'home':
      return scrolled(state, 0, context);
    case 'end':
      return scrolled(state, Number.MAX_SAFE_INTEGER, context);
    case 'escape':
      return withSelection({ ...state, filter: '', marked: undefined }, context);
    default:
      return state;
  }
}

function letter(state: UiState, text: string, context: Context): Step {
  const tab = tabKeys[Number(text) - 1];
  if (tab) return [{ ...state, tab, scroll: 0 }];
  const { view, isRunning, canChoose, layout } = context;
  switch (text) {
    case 'j':
      return [moved(state, 1, context)];
    case 'k':
      return [moved(state, -1, context)];
    case 'J':
      return [moved(state, layout.listPage, context)];
    case 'K':
      return [moved(state, -layout.listPage, context)];
    case 'g':
      return [moved(state, Number.NEGATIVE_INFINITY, context)];
    case 'G':
      return [moved(state, Number.POSITIVE_INFINITY, context)];
    case ' ':
      return [browse(state, 'pageDown', context)];
    case 'b':
      return [browse(state, 'pageUp', context)];
    case '/':
      return [{ ...state, prompt: { kind: 'filter' } }];
    case 's':
      return [
        withSelection({ ...state, sort: state.sort + 1 < view.sorts.length ? state.sort + 1 : -1 }, context),
      ];
    case 'S':
      return [withSelection({ ...state, isReversed: !state.isReversed }, context)];
    case 'c':
      return [compared(state, context)];
    case 'e':
      return [view.size === 0 ? state : { ...state, prompt: { kind: 'format', chosen: 0 } }];
    case 'o':
      return canChoose ? [state, { kind: 'choose' }] : [state];
    case '?':
      return [{ ...state, isHelp: true, scroll: 0 }];
    case 'q':
      return isRunning ? [{ ...state, prompt: { kind: 'stop' } }] : [state, { kind: 'quit' }];
    default:
      return [state];
  }
}

function otherTab(state: UiState, by: number): UiState {
  const at = tabKeys.indexOf(state.tab) + by + tabKeys.length;
  return { ...state, tab: tabKeys[at % tabKeys.length], scroll: 0 };
}

function scrolled(state: UiState, scroll: number, { view, derived, layout }: Context): UiState {
  const content = state.isHelp
    ? helpLines(layout.columns - 2)
    : derived.content(view, state, layout.panelWidth);
  const lines = content.length;
  return { ...state, scroll: Math.max(0, Math.min(scroll, lines - layout.bodyHeight)) };
}

/** Marks an item as A; asked for again on another item, shows the two side by side. */
function compared(state: UiState, { view }: Context): UiState {
  const { marked, selected, tab } = state;
  if (view.size < 2) return { ...state, notice: { text: 'there is nothing to compare with', tone: 'bad' } };
  if (marked === selected) return { ...state, marked: undefined };
  if (marked !== undefined && tab !== 'compare') return { ...state, tab: 'compare', scroll: 0 };
  return {
    ...state,
    marked: selected,
    notice: { text: `A is ${view.item(selected).name}: move to another and press c, or 7`, tone: 'accent' },
  };
}
