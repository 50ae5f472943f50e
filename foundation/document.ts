import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  visit,
} from 'yaml';
import type { z } from 'zod';
import { composeYaml, inPlainWords } from './compose-yaml.ts';
import { findUnfit } from './plain-data.ts';
import { InputError, type Problem } from './problem.ts';
import { wording } from './wording.ts';

/** Largest input file read: a scenario is a page, not a data set. */
export const maxDocumentBytes = 4 * 2 ** 20;

/** Most levels of lists and mappings in one another; the parser's recursion cannot take some 800. */
const maxDepth = 100;

const maxAliases = 1000;

/** A parsed YAML (or JSON) text that can say where each of its values stands. */
export interface SourceDocument {
  file: string;
  value: unknown;
  /** The problem at a path of the document, with line and column. */
  problemAt(path: readonly PropertyKey[], message: string): Problem;
}

/**
 * Parses YAML text into plain data.
 * @throws InputError with `file:line:column` for syntax errors, duplicate keys, documents that are too
 *   large or too deep, aliases that expand beyond reason, and values that contain themselves.
 */
export function parseYaml(text: string, file: string): SourceDocument {
  if (text.length > maxDocumentBytes) {
    throw new InputError([
      { file, message: `is ${text.length} characters; at most ${maxDocumentBytes} are read` },
    ]);
  }
  const lineCounter = new LineCounter();
  const position = (offset: number): Pick<Problem, 'file' | 'line' | 'column'> => {
    const { line, col } = lineCounter.linePos(offset);
    return { file, line, column: col };
  };
  const refuse = (offset: number, message: string): never => {
    throw new InputError([{ ...position(offset), message }]);
  };
  const [document, second] = composeYaml(text, lineCounter, maxDepth, (offset) =>
    refuse(offset, `nested more than ${maxDepth} levels deep`),
  );
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    throw new InputError(
      faults.map((fault) => ({ ...position(fault.pos[0]), message: inPlainWords(fault) })),
    );
  }
  if (second) refuse(second.range[0], 'a second document begins here; a file holds one');
  const problemAt = (path: readonly PropertyKey[], message: string): Problem => ({
    ...position(offsetOf(document.contents, path)),
    path: formatPath(path),
    message,
  });
  checkAliases(document, refuse);
  const value = expand(() => document.toJS({ maxAliasCount: 100 }), file);
  const unfit = findUnfit(value, maxDepth);
  if (unfit) throw new InputError([problemAt(unfit.path, unfit.message)]);
  return { file, value, problemAt };
}
/** Refuses an alias of nothing, and more aliases than the library, which is quadratic in them, can expand in time. */
function checkAliases(document: Document.Parsed, refuse: (offset: number, message: string) => never): void {
  const anchors = new Set<string>();
  let aliases = 0;
  visit(document, {
    Node: (_, node) => {
      if (!isAlias(node)) {
        if (node.anchor !== undefined) anchors.add(node.anchor);
      } else if (!anchors.has(node.source)) {
        refuse(startOf(node), `*${node.source} refers to nothing: no &${node.source} stands before it`);
      } else if (++aliases > maxAliases) {
        refuse(startOf(node), `the document has more than ${maxAliases} aliases (*name)`);
      }
    },
  });
}

/** Expands aliases; the library refuses the ones that explode. */
function expand(toJs: () => unknown, file: string): unknown {
  try {
    return toJs();
  } catch (error) {
    const { message } = error as Error;
    const explodes = message.startsWith('Excessive alias count');
    throw new InputError([{ file, message: explodes ? 'its aliases (*name) expand to too much' : message }]);
  }
}

/**
 * Checks a document against a schema and returns the typed value.
 * @throws InputError listing every problem with its position and path.
 */
export function validate<Schema extends z.ZodType>(
  document: SourceDocument,
  schema: Schema,
): z.output<Schema> {
  const result = schema.safeParse(document.value, { error: wording });
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap((issue) => problemsOf(issue, document));
  throw new InputError(problems);
}

function problemsOf(
  issue: z.core.$ZodIssue,
  document: SourceDocument,
  prefix: PropertyKey[] = [],
): Problem[] {
  const path = [...prefix, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    const messages = issue.message.split('; ');
    return issue.keys.map((key, index) =>
      document.problemAt([...path, key], messages[index] ?? issue.message),
    );
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const deepest = closestBranch(issue.errors);
    if (deepest) return deepest.flatMap((inner) => problemsOf(inner, document, path));
  }
  return [document.problemAt(path, issue.message)];
}

/** Of the branches of a failed union, the one that got furthest into the value; none if all failed at once. */
function closestBranch(branches: z.core.$ZodIssue[][]): z.core.$ZodIssue[] | undefined {
  const depth = (issues: z.core.$ZodIssue[]) =>
    Math.min(...issues.map((issue) => issue.path.length + (issue.code === 'unrecognized_keys' ? 1 : 0)));
  const ranked = branches.filter((issues) => issues.length > 0).sort((a, b) => depth(b) - depth(a));
  return ranked.length > 0 && depth(ranked[0]) > 0 ? ranked[0] : undefined;
}

/** Text offset of the node at a path, or of its nearest ancestor that exists. */
function offsetOf(contents: unknown, path: readonly PropertyKey[]): number {
  let node: unknown = contents;
  let offset = isNode(node) ? startOf(node) : 0;
  for (const key of path) {
    const pair: Pair | undefined = isMap(node)
      ? node.items.find((item) => isPair(item) && keyText(item.key) === String(key))
      : undefined;
    if (pair) {
      offset = isNode(pair.key) ? startOf(pair.key) : offset;
      node = pair.value;
    } else {
      const items = (node as { items?: unknown[] } | null)?.items;
      node = Array.isArray(items) && typeof key === 'number' ? items[key] : undefined;
      if (isNode(node)) offset = startOf(node);
    }
    if (!isNode(node)) return offset;
  }
  // A block starts below its key, which is where people look.
  const isBlock = isMap(node) || (isSeq(node) && !node.flow);
  return isNode(node) && !isBlock ? startOf(node) : offset;
}

function startOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

function keyText(key: unknown): string {
  return String((key as { value?: unknown } | null)?.value ?? key);
}

/** `['arms', 2, 'name']` as `arms[2].name`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index ? '.' : ''}${String(key)}`))
    .join('');
}
