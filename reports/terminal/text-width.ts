import stringWidth from 'string-width';
import { type Line, type Piece, textOf } from './line.ts';

const ellipsis = '…';

/** What would move the cursor, turn the direction of writing, or take no room: names come from files of others. */
const unprintable =
  /[\p{Cc}\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\p{Cs}|\p{Cn}/gu;

/** Text of one line with nothing in it that is not drawn. */
export function printable(text: string): string {
  return text.replace(unprintable, ' ');
}

const ascii = /^[\x20-\x7e]*$/;

/** Columns that printable text takes on a terminal. */
export function displayWidth(text: string): number {
  return ascii.test(text) ? text.length : stringWidth(text);
}

export function lineWidth(line: Line): number {
  return line.reduce((sum, piece) => sum + displayWidth(textOf(piece)), 0);
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** What fits of a text; a text that was cut ends in …. */
export function clip(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  if (width <= 0) return '';
  let fitting = '';
  let used = 0;
  for (const { segment } of segmenter.segment(text)) {
    used += displayWidth(segment);
    if (used > width - 1) break;
    fitting += segment;
  }
  return `${fitting}${ellipsis}`;
}

/** A text that is cut in its middle where it is too long: names often differ in their ends. */
export function clipMiddle(text: string, width: number): string {
  if (displayWidth(text) <= width || width < 8) return clip(text, width);
  const parts = [...segmenter.segment(text)].map(({ segment }) => segment);
  const tail = takeWidth(parts.toReversed(), Math.floor((width - 1) / 3))
    .toReversed()
    .join('');
  const head = takeWidth(parts, width - 1 - displayWidth(tail)).join('');
  return `${head}${ellipsis}${tail}`;
}

function takeWidth(parts: readonly string[], width: number): string[] {
  let used = 0;
  const end = parts.findIndex((part) => {
    used += displayWidth(part);
    return used > width;
  });
  return parts.slice(0, end < 0 ? parts.length : end);
}

export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const fill = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'left' ? text + fill : fill + text;
}

/** A line of exactly `width` columns: cut or filled, and free of what does not print. */
export function fitted(line: Line, width: number): Line {
  const pieces: Piece[] = [];
  let left = width;
  for (const piece of line) {
    const text = printable(textOf(piece));
    if (text === '') continue;
    const shown = clip(text, left);
    pieces.push(typeof piece === 'string' ? shown : { ...piece, text: shown });
    left -= displayWidth(shown);
    if (shown !== text) break;
  }
  return left > 0 ? [...pieces, ' '.repeat(left)] : pieces;
}

/** Running text in lines of at most `width` columns, broken at spaces; a longer word is cut into pieces. */
export function wrapped(text: string, width: number): string[] {
  return text.split('\n').flatMap((paragraph) => wrappedParagraph(printable(paragraph), Math.max(1, width)));
}

function wrappedParagraph(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').filter((part) => part !== '')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (displayWidth(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    const pieces = brokenWord(word, width);
    lines.push(...pieces.slice(0, -1));
    line = pieces[pieces.length - 1];
  }
  return [...lines, line];
}

function brokenWord(word: string, width: number): string[] {
  if (displayWidth(word) <= width) return [word];
  const pieces = [''];
  for (const { segment } of segmenter.segment(word)) {
    const longer = pieces[pieces.length - 1] + segment;
    if (displayWidth(longer) <= width) pieces[pieces.length - 1] = longer;
    else pieces.push(segment);
  }
  return pieces;
}
