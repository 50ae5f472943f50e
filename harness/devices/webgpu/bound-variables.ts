import { withoutComments } from '../../source-guard/rules.ts';

type Access = 'read' | 'read_write';

interface Variable {
  name: string;
  binding: number;
  access: Access;
}

/**
 * How an entry point of a WGSL module accesses each binding of group 0. Several variables may stand at one binding, as
 * long as no entry point uses two of them: the one counts that the entry point, or a function that it calls, names.
 */
export function boundVariables(text: string, entry: string): Map<number, Access> {
  const code = withoutComments(text);
  const used = namesUsedBy(entry, functionsOf(code));
  const accesses = new Map<number, Access>();
  const variables = variablesOf(code);
  for (const { binding, access } of variables) accesses.set(binding, access);
  for (const { name, binding, access } of variables) if (used.has(name)) accesses.set(binding, access);
  return accesses;
}

function variablesOf(code: string): Variable[] {
  const declaration =
    /((?:@\w+\s*\([^)]*\)\s*)+)var\s*<\s*(storage|uniform)\s*(?:,\s*(read_write|read))?\s*>\s*(\w+)/g;
  return [...code.matchAll(declaration)].flatMap(([, attributes, , access = 'read', name]) => {
    const group = /@group\s*\(\s*0\w?\s*\)/.test(attributes);
    const binding = /@binding\s*\(\s*(\d+)\w?\s*\)/.exec(attributes)?.[1];
    return group && binding !== undefined
      ? [{ name, binding: Number(binding), access: access as Access }]
      : [];
  });
}

/** Bodies of all functions by name. */
function functionsOf(code: string): Map<string, string> {
  const bodies = new Map<string, string>();
  for (const { 1: name, index } of code.matchAll(/\bfn\s+(\w+)/g)) {
    const open = code.indexOf('{', index);
    let depth = 0;
    let at = open;
    for (; at < code.length; at++) {
      if (code[at] === '{') depth++;
      if (code[at] === '}' && --depth === 0) break;
    }
    bodies.set(name, code.slice(open, at));
  }
  return bodies;
}

function namesUsedBy(entry: string, bodies: ReadonlyMap<string, string>): Set<string> {
  const names = new Set<string>();
  const queue = [entry];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    for (const [used] of bodies.get(name)?.matchAll(/\b[A-Za-z_]\w*/g) ?? []) {
      if (names.has(used)) continue;
      names.add(used);
      if (bodies.has(used)) queue.push(used);
    }
  }
  return names;
}
