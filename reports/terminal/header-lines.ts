import { formatTime } from '../../foundation/units.ts';
import { bar } from './bars.ts';
import type { Run } from './feed.ts';
import type { Layout } from './layout.ts';
import { faint, type Line, type Piece, plain, strong } from './line.ts';
import type { UiState } from './state.ts';
import { type SubjectView, tabKeys, tabTitles } from './subject-view.ts';
import { clip, displayWidth, pad, printable } from './text-width.ts';

/** What is looked at, how far a run is, and the tabs. */
export function headerLines(
  view: SubjectView,
  state: UiState,
  { layout, run }: { layout: Layout; run: Run | undefined },
): Line[] {
  return [
    titleLine(view, layout.columns, run),
    tabLine(view, state, layout.columns),
    ruleLine(layout, state),
  ];
}

/** A rule across the screen, from which the one between list and tab goes down. */
function ruleLine({ listWidth, columns }: Layout, { isHelp }: UiState): Line {
  const right = '─'.repeat(Math.max(0, columns - listWidth - 1));
  return [faint(`${'─'.repeat(listWidth)}${isHelp ? '─' : '┬'}${right}`)];
}

function titleLine({ title, goal }: SubjectView, columns: number, run: Run | undefined): Line {
  const right = run ? runPieces(run) : [];
  const room = Math.max(0, columns - displayWidth(plain(right)) - 1);
  const name = clip(` ${printable(title)}`, room);
  const rest = clip(goal === '' ? '' : `  ${printable(goal)}`, room - displayWidth(name));
  return [strong(name), pad(rest, room - displayWidth(name)), ' ', ...right];
}

const progressWidth = 10;

function runPieces({ state, done, total, what, leftS, note }: Run): Piece[] {
  const more = note === undefined ? '' : `, ${printable(note)}`;
  if (state === 'finished') return [{ text: `✓ ${total} ${what} done${more} `, tone: 'good' }];
  const left = leftS === undefined ? '' : `, ${timeLeft(leftS)} left`;
  const text = `${done}/${total} ${what}${left}`;
  return [{ text: pad(bar(done, total, progressWidth), progressWidth), tone: 'accent' }, ` ${text}${more} `];
}

/** Whole seconds, as long as they are few. */
function timeLeft(seconds: number): string {
  return seconds < 100 ? `${Math.ceil(seconds)} s` : formatTime(seconds);
}

/** The tabs; the open one is bracketed, and those that have nothing to show are in parentheses. */
function tabLine(view: SubjectView, { tab, selected }: UiState, columns: number): Line {
  const titled = tabKeys.map((key, index): Piece => {
    const title = `${index + 1} ${tabTitles[key]}`;
    if (key === tab) return strong(`[${title}]`);
    const isEmpty = selected < view.size && view.tabs[key].missing(selected) !== undefined;
    return isEmpty ? faint(`(${title})`) : ` ${title} `;
  });
  if (displayWidth(plain(titled)) <= columns) return titled;
  return tabKeys.map((key, index) =>
    key === tab ? strong(`[${index + 1} ${tabTitles[key]}]`) : faint(` ${index + 1} `),
  );
}
