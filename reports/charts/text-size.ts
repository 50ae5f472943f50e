/** Widths of characters in em, of a wide sans serif: what fits in it fits in others. */
const narrow = /[ijl.,:;'|!ftrI()[\]{}\s·\-"/\\]/;
const wide = /[mwMW%@—…≥≤→]/;
const capital = /[A-Z]/;
const latin = /[\u0020-\u024f\u0370-\u03ff\u2000-\u22ff]/;

function widthOf(character: string): number {
  if (narrow.test(character)) return 0.41;
  if (wide.test(character)) return 0.97;
  if (capital.test(character)) return 0.72;
  return latin.test(character) ? 0.635 : 1;
}

/** How wide a text is at most at a size of font, in pixels. */
export function textWidth(text: string, size: number): number {
  let em = 0;
  for (const character of text) em += widthOf(character);
  return em * size;
}

/** The text, or as much of its beginning as fits beside an ellipsis. */
export function shortened(text: string, width: number, size: number): string {
  if (textWidth(text, size) <= width) return text;
  const room = width - textWidth('…', size);
  let em = 0;
  let kept = '';
  for (const character of text) {
    em += widthOf(character);
    if (em * size > room) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}
