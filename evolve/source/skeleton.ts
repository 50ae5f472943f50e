import { type Knob, knobsOf } from './knobs.ts';

/** What stays of a source whichever way its knobs are turned: two sources of one kernel have the same. */
export function skeletonOf(text: string): string {
  const lines = text.split('\n');
  for (const { line, name, value } of knobsOf(text)) {
    // The value stands once more among those that it may take, behind the mark.
    const [before, after] = splitAt(lines[line - 1], '@knob');
    const at = before.lastIndexOf(String(value));
    lines[line - 1] = `${before.slice(0, at)}<${name}>${before.slice(at + String(value).length)}${after}`;
  }
  return lines.join('\n');
}

function splitAt(text: string, mark: string): [before: string, after: string] {
  const at = text.indexOf(mark);
  return [text.slice(0, at), text.slice(at)];
}

/** Values of the knobs by name. */
export function settingsOf(knobs: readonly Knob[]): Record<string, number> {
  return Object.fromEntries(knobs.map(({ name, value }) => [name, value]));
}

/** Names of knobs that two settings of one kernel have turned differently. */
export function turnedKnobs(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): string[] {
  return Object.keys(a).filter((name) => a[name] !== b[name]);
}
