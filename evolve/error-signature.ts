import type { EvaluationFailure, FailureStage } from './evaluation.ts';

const longestSignature = 160;

/** What differs between two failures of one kind, and what stands in its place. Order matters. */
const particulars: [pattern: RegExp, replacement: string][] = [
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours of a compiler's messages begin with one
  [/\u001b\[[0-9;]*m/g, ''],
  [/(?<!\w)(?:[A-Za-z]:|~|\.{1,2})?(?:[\\/][\w.~+-]+)+/g, '<path>'],
  [/(?:[\w.~+-]+[\\/])*[\w-]+\.(?:cu|cuh|cubin|ptx|cc|cpp|h|hpp|hip|py|wgsl|o|so)\b/g, '<path>'],
  [/\b0x[0-9a-f]+\b/gi, '<address>'],
  [/\b(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b/gi, '<id>'],
  [/\b\d+(?:[x×]\d+)+\b/g, '<n>'],
  [/(?<![\w<])[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?/gi, '<n>'],
  [/<path>(?:[:(]<n>(?:[,:]\s*<n>)*\)?)+/g, '<path>'],
  [/<n>(?:\s*,\s*<n>)+/g, '<n>'],
  [/\s+/g, ' '],
];

/**
 * What failures of one kind have in common: the line that says what went wrong, without colours, paths, addresses and
 * numbers, after the stage. `compile: <path>: error: identifier "foo" is undefined`.
 */
export function errorSignature(stage: FailureStage, text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const telling = lines.find((line) => /error|exception|panic/i.test(line)) ?? lines[0] ?? '';
  const common = particulars.reduce((line, [pattern, put]) => line.replace(pattern, put), telling).trim();
  return `${stage}: ${common}`.slice(0, longestSignature).trim();
}

/** A failure with the signature of what was said. */
export function failureOf(stage: FailureStage, reason: string, log?: string): EvaluationFailure {
  const signature = errorSignature(stage, log ?? reason);
  return { stage, reason, signature, ...(log !== undefined && { log }) };
}
