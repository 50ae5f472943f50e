import type { MeasuredDataType } from '../../hardware-profiles/operators-measured.ts';
import { SourceRefused } from '../device.ts';

/** What no kernel has to do. */
export interface Rule {
  /** In a word or two. */
  name: string;
  pattern: RegExp;
  /** Ends "the source …". */
  says: string;
}

/**
 * Looks through the code of a source.
 * @param code without comments
 * @throws SourceRefused with the line that breaks a rule
 */
export function enforce(rules: readonly Rule[], code: string): void {
  for (const { name, pattern, says } of rules) {
    const found = pattern.exec(code);
    if (!found) continue;
    const line = code.slice(code.lastIndexOf('\n', found.index) + 1).split('\n', 1)[0];
    throw new SourceRefused(name, `the source ${says}: ${line.trim().slice(0, 120)}`);
  }
}

/** The rules about smaller types, where a task asks for larger ones. */
export function precisionRules(
  dataType: MeasuredDataType,
  { half, tf32 }: { half: RegExp; tf32?: RegExp },
): Rule[] {
  if (dataType !== 'fp32' && dataType !== 'tf32') return [];
  const name = 'lower precision';
  const rules = [{ name, pattern: half, says: `computes in half precision, where ${dataType} is asked for` }];
  if (dataType === 'fp32' && tf32) {
    rules.push({ name, pattern: tf32, says: 'computes in tf32, where fp32 is asked for' });
  }
  return rules;
}

/** A source of C's family without its comments; strings stay, and so do the numbers of lines. */
export function withoutComments(text: string): string {
  return text.replace(
    /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])'|\/\*[\s\S]*?\*\/|\/\/(?:\\\n|[^\n])*/g,
    (part) => (part.startsWith('/') ? part.replace(/[^\n]/g, ' ') : part),
  );
}

/** The same without what stands in strings. */
export function withoutStrings(code: string): string {
  return code.replace(/"(?:\\.|[^"\\\n])*"/g, '""');
}
