import { type Layout, leastSize } from './layout.ts';
import type { Line, Piece } from './line.ts';
import { faint, plain, span, strong } from './line.ts';
import type { Prompt, UiState } from './state.ts';
import { clip, displayWidth, printable } from './text-width.ts';

/** What the footer knows beside the state. */
export interface Foot {
  layout: Layout;
  /** Lines of the tab. */
  lines: number;
  formats: readonly { label: string }[];
  /** What is asked before a run is stopped. */
  stopQuestion: string;
  isChooser: boolean;
  canChoose: boolean;
}

/** A question or what was said last, how much of the tab is seen, and the keys. */
export function footerLines(state: UiState, foot: Foot): Line[] {
  return [messageLine(state, foot), keyLine(state, foot)];
}

function messageLine(state: UiState, { layout, lines, formats, stopQuestion }: Foot): Line {
  const { columns, bodyHeight } = layout;
  const text = state.prompt ? '' : noticeText(state, layout);
  const seen = scrollText(state, lines, bodyHeight, columns - 3 - displayWidth(text));
  const room = Math.max(0, columns - displayWidth(seen) - 2);
  const left = state.prompt
    ? promptPieces(state, state.prompt, formats, room, stopQuestion)
    : [span(clip(text, room), state.notice?.tone ?? 'faint')];
  const fill = ' '.repeat(Math.max(0, room - displayWidth(plain(left))));
  return [' ', ...left, fill, faint(seen), ' '];
}

function noticeText({ notice }: UiState, { columns, rows }: Layout): string {
  if (notice) return printable(notice.text);
  if (columns >= leastSize.columns && rows >= leastSize.rows) return '';
  return `This terminal is ${columns}×${rows}; ${leastSize.columns}×${leastSize.rows} shows more.`;
}

function promptPieces(
  { filter }: UiState,
  prompt: Prompt,
  formats: Foot['formats'],
  room: number,
  stopQuestion: string,
): Piece[] {
  switch (prompt.kind) {
    case 'filter':
      return typed('filter: ', filter, room);
    case 'format':
      return [strong(clip('What to write to a file?', room))];
    case 'file':
      return typed(`${formats[prompt.format].label} to file: `, prompt.text, room);
    case 'overwrite':
      return [strong(clip(`${printable(prompt.file)} is there already. Overwrite it? y/n`, room))];
    case 'stop':
      return [strong(clip(`${stopQuestion} y/n`, room))];
  }
}

/** A line that is being typed; of a long one, its end is seen. */
function typed(title: string, text: string, room: number): Piece[] {
  const left = Math.max(0, room - displayWidth(title) - 1);
  let shown = printable(text);
  while (displayWidth(shown) > left) shown = [...shown].slice(1).join('');
  return [strong(clip(title, room)), shown, { text: '█', tone: 'accent' }];
}

/** Which lines are seen of those there are, where there is room to say it. */
function scrollText({ scroll, prompt }: UiState, lines: number, height: number, room: number): string {
  if (prompt || lines <= height) return '';
  const last = Math.min(lines, scroll + height);
  const short = `lines ${scroll + 1}–${last} of ${lines}`;
  const long = last < lines ? `${short}, PgDn for more` : short;
  return [long, short].find((text) => displayWidth(text) <= room) ?? '';
}

function keyLine({ prompt, isHelp, marked }: UiState, { layout, isChooser, canChoose }: Foot): Line {
  if (isHelp) {
    return keys([
      ['PgUp PgDn', 'scroll'],
      ['any other key', 'back'],
    ]);
  }
  if (prompt) return keys(promptKeys[prompt.kind]);
  const usual: [string, string][] = isChooser
    ? [
        ['↑↓', 'move'],
        ['Enter', 'open'],
        ['/', 'filter'],
        ['s', 'sort'],
        ['?', 'help'],
        ['q', 'quit'],
      ]
    : [
        ['↑↓', 'move'],
        ['←→', 'tab'],
        ['/', 'filter'],
        ['s', 'sort'],
        ['c', marked === undefined ? 'compare' : 'with A'],
        ['e', 'export'],
        ...(canChoose ? [['o', 'open'] as [string, string]] : []),
        ['?', 'help'],
        ['q', 'quit'],
      ];
  return fitting(usual, layout.columns);
}

const promptKeys: Record<Prompt['kind'], [string, string][]> = {
  filter: [
    ['Enter', 'keep'],
    ['Esc', 'clear'],
    ['↑↓', 'move'],
  ],
  format: [
    ['↑↓ or a digit', 'choose'],
    ['Enter', 'go on'],
    ['Esc', 'back'],
  ],
  file: [
    ['Enter', 'write'],
    ['Ctrl-U', 'empty'],
    ['Esc', 'back'],
  ],
  overwrite: [
    ['y', 'overwrite'],
    ['n', 'another name'],
  ],
  stop: [
    ['y', 'stop'],
    ['n', 'go on'],
  ],
};

function keys(list: readonly (readonly [string, string])[]): Line {
  return list.flatMap(([key, what]) => [' ', strong(key), ` ${what} `]);
}

/** All keys where there is room for them; else help and quit come first. */
function fitting(list: readonly (readonly [string, string])[], columns: number): Line {
  const line = keys(list);
  return displayWidth(plain(line)) <= columns ? line : keys([...list.slice(-2), ...list.slice(0, -2)]);
}
