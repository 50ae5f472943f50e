/**
 * Knobs are constants of a kernel's source that may be turned, declared on lines that end in a comment such as
 *
 *     #define TILE 64 // @knob tiling {16, 32, 64, 128} rows of x that a block holds
 *     const TILE: u32 = 64u; // @knob tiling {32, 64} …
 *     constexpr int TILE = 64; // @knob …
 *     TILE = 64  # @knob …
 *
 * The kind (`tiling`) is what the knowledge base speaks of; a switch between ways of computing is a knob like any other.
 */
export interface Knob {
  name: string;
  kind: string;
  value: number;
  /** Values that it may take, in their order. */
  values: readonly number[];
  description: string;
  /** Line of the text, from 1. */
  line: number;
}

const declaration =
  /^(\s*(?:#define\s+|constexpr\s+\w+\s+|const\s+|)(?<name>[A-Za-z_]\w*)(?:\s*:\s*(?:tl\.constexpr|[iu]32))?\s*(?:=\s*)?)(?<value>-?\d+)(u?;?\s*(?:\/\/|#)\s*@knob\s+(?<kind>[a-z][a-z-]*)\s*\{(?<values>[^}]*)\}(?<description>.*))$/;

/** A line with a knob that is not written as one. */
export class KnobError extends Error {
  readonly line: number;
  /** What is wrong in that line. */
  readonly problem: string;
  constructor(line: number, problem: string) {
    super(`line ${line}: ${problem}`);
    this.line = line;
    this.problem = problem;
  }
}

/**
 * The knobs of a source, in the order of their lines.
 * @throws KnobError for a knob that is declared twice, has no values, or stands at none of them
 */
export function knobsOf(text: string): Knob[] {
  const knobs: Knob[] = [];
  text.split('\n').forEach((content, index) => {
    if (!content.includes('@knob')) return;
    const line = index + 1;
    const groups = declaration.exec(content)?.groups;
    if (!groups) throw new KnobError(line, "expected a constant, then '@knob kind {values} description'");
    const { name, kind, description } = groups;
    const value = Number(groups.value);
    const values = groups.values.split(',').map((each) => Number(each.trim() || Number.NaN));
    if (!values.every(Number.isSafeInteger))
      throw new KnobError(line, `the values of ${name} are whole numbers`);
    if (!values.includes(value))
      throw new KnobError(line, `${name} is ${value}, which is none of its values`);
    if (knobs.some((knob) => knob.name === name)) throw new KnobError(line, `${name} is declared twice`);
    knobs.push({ name, kind, value, values, description: description.trim(), line });
  });
  return knobs;
}

/**
 * The source with some knobs turned; nothing else of it changes.
 * @throws RangeError for a knob that it does not have, or a value that the knob cannot take
 */
export function withKnobs(text: string, turned: Readonly<Record<string, number>>): string {
  const knobs = knobsOf(text);
  const lines = text.split('\n');
  for (const [name, value] of Object.entries(turned)) {
    const knob = knobs.find((each) => each.name === name);
    if (!knob) throw new RangeError(`no knob ${name}`);
    if (!knob.values.includes(value)) throw new RangeError(`${name} cannot be ${value}`);
    lines[knob.line - 1] = lines[knob.line - 1].replace(
      declaration,
      (_, before, __, ___, after) => `${before}${value}${after}`,
    );
  }
  return lines.join('\n');
}
