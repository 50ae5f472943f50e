import type { MeasuredDataType } from '../../hardware-profiles/operators-measured.ts';

/**
 * Data types of a source's tensors: any, unless a line says which. A constant on that line may stand for the type:
 *
 *     // @data-types fp32
 *     #define ELEMENT F16 // @data-types fp16 = F16, bf16 = BF16
 */
export interface TypeLine {
  /** By data type: what the constant is for it; undefined on a line without one. */
  values: ReadonlyMap<string, string | undefined>;
  /** Line of the text, from 1. */
  line: number;
}

const typeLine = /^(.*?)(?:\/\/|#)\s*@data-types\s+(.+)$/;
const constant = /^(\s*(?:#define\s+)?\w+\s+(?:=\s*)?)(\w+)(\s*)$/;

/** The line of a source that tells its data types, if one does. */
export function typeLineOf(text: string): TypeLine | undefined {
  const lines = text.split('\n');
  const index = lines.findIndex((line) => typeLine.test(line));
  if (index < 0) return undefined;
  const pairs = typeLine
    .exec(lines[index])![2]
    .split(',')
    .map((part): [string, string | undefined] => {
      const [dataType, value] = part.split('=').map((each) => each.trim());
      return [dataType, value];
    });
  return { values: new Map(pairs), line: index + 1 };
}

/** The source for one data type: undefined where it is not written for it. */
export function forDataType(text: string, dataType: MeasuredDataType): string | undefined {
  const types = typeLineOf(text);
  if (types === undefined) return text;
  if (!types.values.has(dataType)) return undefined;
  const value = types.values.get(dataType);
  if (value === undefined) return text;
  const lines = text.split('\n');
  const at = types.line - 1;
  const before = typeLine.exec(lines[at])![1];
  lines[at] =
    before.replace(constant, (_, name, __, space) => `${name}${value}${space}`) +
    lines[at].slice(before.length);
  return lines.join('\n');
}
