import type { Context, Step } from './context.ts';
import type { Key } from './keys.ts';
import { withSelection } from './selection.ts';
import type { Prompt, UiState } from './state.ts';

/** A key while a question is open. */
export function answerPrompt(state: UiState, prompt: Prompt, key: Key, context: Context): Step {
  switch (prompt.kind) {
    case 'filter':
      return [filterKey(state, key, context)];
    case 'format':
      return [formatKey(state, prompt.chosen, key, context)];
    case 'file':
      return fileKey(state, prompt, key, context);
    case 'overwrite':
      return answersYes(key)
        ? [closed(state), { kind: 'export', format: prompt.format, file: prompt.file }]
        : [{ ...state, prompt: { kind: 'file', format: prompt.format, text: prompt.file } }];
    case 'stop':
      return answersYes(key) ? [closed(state), { kind: 'stop' }] : [closed(state)];
  }
}

function closed(state: UiState): UiState {
  return { ...state, prompt: undefined };
}

function answersYes(key: Key): boolean {
  return key.name === 'text' && key.text.toLowerCase() === 'y';
}

/** The filter acts while it is typed; arrows leave it as it is and move. */
function filterKey(state: UiState, key: Key, context: Context): UiState {
  if (key.name === 'enter') return closed(state);
  if (key.name === 'escape') return withSelection({ ...closed(state), filter: '' }, context);
  if (key.name === 'up' || key.name === 'down') {
    const order = context.derived.order(context.view, state);
    const position = order.indexOf(state.selected) + (key.name === 'up' ? -1 : 1);
    return withSelection({ ...state, selected: order[position] ?? state.selected }, context);
  }
  const filter = edited(state.filter, key);
  return filter === state.filter ? state : withSelection({ ...state, filter }, context);
}

const steps: Partial<Record<string, number>> = { down: 1, j: 1, up: -1, k: -1 };

function formatKey(state: UiState, chosen: number, key: Key, { formats, fileName }: Context): UiState {
  const asked = (format: number): UiState => ({
    ...state,
    prompt: { kind: 'file', format, text: fileName(format) },
  });
  if (key.name === 'enter') return asked(chosen);
  if (key.name === 'escape') return closed(state);
  const word = key.name === 'text' ? key.text : key.name;
  if (formats[Number(word) - 1]) return asked(Number(word) - 1);
  const next = Math.max(0, Math.min(formats.length - 1, chosen + (steps[word] ?? 0)));
  return { ...state, prompt: { kind: 'format', chosen: next } };
}

function fileKey(state: UiState, prompt: Prompt & { kind: 'file' }, key: Key, { exists }: Context): Step {
  const { format, text } = prompt;
  if (key.name === 'escape') return [closed(state)];
  if (key.name !== 'enter') return [{ ...state, prompt: { ...prompt, text: edited(text, key) } }];
  const file = text.trim();
  if (file === '') return [{ ...state, notice: { text: 'a file needs a name', tone: 'bad' } }];
  if (exists(file)) return [{ ...state, prompt: { kind: 'overwrite', format, file } }];
  return [closed(state), { kind: 'export', format, file }];
}

/** A line of text after a key. */
function edited(text: string, key: Key): string {
  if (key.name === 'text') return text + key.text;
  if (key.name === 'backspace') return [...text].slice(0, -1).join('');
  return key.name === 'clear' ? '' : text;
}
