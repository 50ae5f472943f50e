import { bar } from './bars.ts';
import { faint, type Line, type Tone } from './line.ts';
import { clipMiddle, displayWidth, pad, printable } from './text-width.ts';

/** A resource and what is used of it, 1 being all. */
export interface Use {
  name: string;
  share: number;
}

const mostShown = 24;

/** Use from which on requests wait long. */
const high = 0.85;

/** Resources as bars from nothing to all, busiest first. */
export function useLines(uses: readonly Use[], width: number): Line[] {
  const sorted = [...uses].sort((a, b) => b.share - a.share);
  const shown = sorted.slice(0, mostShown).map(({ name, share }) => ({ name: printable(name), share }));
  const nameWidth = Math.min(
    Math.floor(width * 0.6),
    Math.max(0, ...shown.map(({ name }) => displayWidth(name))),
  );
  const barWidth = Math.max(4, width - nameWidth - 9);
  const lines = shown.map(
    ({ name, share }): Line => [
      pad(clipMiddle(name, nameWidth), nameWidth),
      '  ',
      { text: pad(bar(share, 1, barWidth), barWidth, 'left'), tone: toneOf(share) },
      `  ${share.toFixed(2)}`,
    ],
  );
  const rest = sorted.length - shown.length;
  return rest > 0 ? [...lines, [faint(`and ${rest} that are used less`)]] : lines;
}

function toneOf(share: number): Tone {
  if (share >= 0.99) return 'bad';
  return share >= high ? 'doubtful' : 'accent';
}
