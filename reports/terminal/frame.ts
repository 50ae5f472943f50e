import type { Derived } from './derived.ts';
import type { Run } from './feed.ts';
import { type Foot, footerLines } from './footer-lines.ts';
import { headerLines } from './header-lines.ts';
import { helpLines } from './help-lines.ts';
import type { Layout } from './layout.ts';
import { faint, type Line, strong } from './line.ts';
import { listLines } from './list-lines.ts';
import type { UiState } from './state.ts';
import type { SubjectView } from './subject-view.ts';
import { fitted } from './text-width.ts';

/** All that a screen shows. */
export interface Shown {
  view: SubjectView;
  state: UiState;
  derived: Derived;
  layout: Layout;
  run: Run | undefined;
  formats: readonly { label: string }[];
  isChooser: boolean;
  canChoose: boolean;
}

/** The parts of the screen from top to bottom; every line has as many columns as the screen. */
export interface Frame {
  header: Line[];
  body: Line[];
  footer: Line[];
}

export function frameOf(shown: Shown): Frame {
  const { view, state, derived, layout, run } = shown;
  const { columns, listWidth, panelWidth, bodyHeight } = layout;
  const list = listLines(view, state, derived, layout);
  const panel = panelLines(shown);
  const scroll = Math.max(0, Math.min(state.scroll, panel.length - bodyHeight));
  const foot: Foot = {
    ...shown,
    lines: panel.length,
    stopQuestion: run?.stopQuestion ?? '',
  };
  const seen = panel.slice(scroll, scroll + bodyHeight);
  const body = Array.from({ length: bodyHeight }, (_, row): Line => {
    if (state.isHelp) return [' ', ...(seen[row] ?? [])];
    const left = fitted(list[row] ?? [], listWidth);
    return [...left, faint('│'), ' ', ...fitted(seen[row] ?? [], panelWidth)];
  });
  const whole = (lines: readonly Line[]) => lines.map((line) => fitted(line, columns));
  return {
    header: whole(headerLines(view, state, { layout, run })),
    body: whole(body),
    footer: whole(footerLines({ ...state, scroll }, foot)),
  };
}

function panelLines({ view, state, derived, layout, formats }: Shown): readonly Line[] {
  if (state.isHelp) return helpLines(layout.columns - 2);
  const { prompt } = state;
  if (prompt?.kind === 'format') return formatLines(formats, prompt.chosen);
  return derived.content(view, state, layout.panelWidth);
}

function formatLines(formats: readonly { label: string }[], chosen: number): Line[] {
  return [
    [strong('Write to a file')],
    [''],
    ...formats.map(({ label }, index): Line => {
      const text = `${index === chosen ? '▸' : ' '} ${index + 1}  ${label}`;
      return [index === chosen ? { text, tone: 'selected' } : text];
    }),
  ];
}
