/**
 * What the runner and the house rules read out of TypeScript text. The formatter keeps the text regular
 * (one statement a line, single quotes), so patterns do and no parser is needed.
 */

const commentOrLiteral = new RegExp(
  [
    /\/\/[^\n]*/,
    /\/\*[\s\S]*?\*\//,
    /'(?:\\.|[^'\\\n])*'/,
    /"(?:\\.|[^"\\\n])*"/,
    /`(?:\\[\s\S]|[^`\\])*`/,
    // A regular expression starts where a value may start; a division follows a value.
    /(?<=[(,=:[!&|?{};\n]\s*)\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n])+\/[a-z]*/,
  ]
    .map((part) => part.source)
    .join('|'),
  'g',
);

/** The text with comments and the insides of literals blanked; offsets and lines stay. */
export function codeOnly(text: string): string {
  return text.replace(commentOrLiteral, (match) => match.replace(/[^\n]/g, ' '));
}

export interface Import {
  /** As written: `../foundation/units.ts`, `node:fs`, `zod`. */
  specifier: string;
  /** Erased when compiled: `import type` or `export type`. */
  typeOnly: boolean;
}

const importStatement =
  /\b(?:import|export)\s+(type\s)?[^'";]*?\bfrom\s*'([^']+)'|\bimport\s*\(\s*'([^']+)'|\bimport\s*'([^']+)'/g;

/** Every static, dynamic and re-exporting import of a file. */
export function importsOf(text: string): Import[] {
  const code = codeOnly(text);
  return [...text.matchAll(importStatement)]
    .filter((match) => /^(import|export)/.test(code.slice(match.index, match.index + 6)))
    .map(([, type, from, dynamic, bare]) => ({
      specifier: from ?? dynamic ?? bare,
      typeOnly: type !== undefined,
    }));
}

/** Names of the uvu suites that a test file makes and never runs. */
export function suitesNotRun(text: string): string[] {
  const code = codeOnly(text);
  const made = [...code.matchAll(/\b(?:const|let|var)\s+(\w+)\s*=\s*suite\s*(?:<[^;=]*>)?\(/g)].map(
    ([, name]) => name,
  );
  if (/\bimport\s*{[^}]*\btest\b[^}]*}\s*from\s*'uvu'/.test(text)) made.push('test');
  return made.filter((name) => !new RegExp(`\\b${name}\\.run\\(`).test(code));
}
