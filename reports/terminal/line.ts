/** How a piece of text is drawn. What a tone says is always said by words or symbols, too. */
export type Tone = keyof typeof codes;

/** A piece of a line in a tone of its own. */
export interface Span {
  text: string;
  tone: Tone;
}

export type Piece = string | Span;

/** A line of the screen, from the left. */
export type Line = readonly Piece[];

/** Codes of a tone that begin and end it. The sixteen colours are those that a person chose for the terminal. */
const codes = {
  strong: [[1], [22]],
  faint: [[2], [22]],
  accent: [[36], [39]],
  good: [[32], [39]],
  doubtful: [[33], [39]],
  bad: [[31], [39]],
  selected: [[7], [27]],
  fill0: [
    [97, 44],
    [39, 49],
  ],
  fill1: [
    [30, 42],
    [39, 49],
  ],
  fill2: [
    [30, 43],
    [39, 49],
  ],
  fill3: [
    [97, 45],
    [39, 49],
  ],
  fill4: [
    [30, 46],
    [39, 49],
  ],
  fill5: [
    [97, 41],
    [39, 49],
  ],
  fill6: [
    [30, 47],
    [39, 49],
  ],
  fill7: [
    [97, 100],
    [39, 49],
  ],
} as const;

const fills = ['fill0', 'fill1', 'fill2', 'fill3', 'fill4', 'fill5', 'fill6', 'fill7'] as const;

/** A tone that tells part `index` of a bar from its neighbours. */
export function fill(index: number): Tone {
  return fills[index % fills.length];
}

export function span(text: string, tone: Tone | undefined): Piece {
  return tone === undefined ? text : { text, tone };
}

export const strong = (text: string): Span => ({ text, tone: 'strong' });
export const faint = (text: string): Span => ({ text, tone: 'faint' });

export function textOf(piece: Piece): string {
  return typeof piece === 'string' ? piece : piece.text;
}

/** A line without its tones. */
export function plain(line: Line): string {
  return line.map(textOf).join('');
}

/** A line as a terminal takes it; without colour, it has nothing but its characters. */
export function painted(line: Line, colour: boolean): string {
  if (!colour) return plain(line);
  return line.map((piece) => (typeof piece === 'string' ? piece : coded(piece))).join('');
}

function coded({ text, tone }: Span): string {
  const [begin, end] = codes[tone];
  const code = (values: readonly number[]) => values.map((value) => `\x1b[${value}m`).join('');
  return `${code(begin)}${text}${code(end)}`;
}
