import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../foundation/files.ts';
import { codeOnly, importsOf, suitesNotRun } from './source-text.ts';

/** A folder imports from floors below its own; `bench`, `build` and `test` stand beside and nothing imports them. */
const floors: Record<string, number> = {
  foundation: 0,
  models: 1,
  'hardware-profiles': 1,
  scenarios: 2,
  sim: 3,
  sweep: 4,
  reports: 4,
  harness: 4,
  distil: 5,
  evolve: 5,
  cli: 6,
  bench: 7,
  build: 7,
  test: 8,
};

const maxLines = 330;

interface SourceFile {
  /** Path from the package's root. */
  path: string;
  text: string;
  /** Files of this package that it imports. */
  imports: { path: string; typeOnly: boolean }[];
  /** Packages and `node:` modules that it imports, as written. */
  packages: string[];
}

const allFiles = filesBelow('');
const typescript = allFiles
  .filter((path) => /\.tsx?$/.test(path) && floorOf(path) !== undefined)
  .map(readSource);
const sources = typescript.filter(({ path }) => !path.startsWith('test/'));
const sourceAt = new Map(typescript.map((source) => [source.path, source]));

const imports = suite('house: imports');

imports('name files that exist, with their extension', () => {
  const offenders = typescript.flatMap(({ path, imports }) =>
    imports
      .filter((target) => !existsSync(join(packageRoot, target.path)))
      .map((target) => `${path} → ${target.path}`),
  );
  none(offenders);
});

imports('only go down', () => {
  const offenders = sources.flatMap(({ path, imports }) =>
    imports.filter((target) => !mayImport(path, target.path)).map((target) => `${path} → ${target.path}`),
  );
  none(offenders);
});

imports('make no circle', () => none(circles()));

imports.run();

const purity = suite('house: sim');

const impure: [what: string, pattern: RegExp][] = [
  ['process.', /\bprocess\s*\./],
  ['Date.now', /\bDate\s*\.\s*now\b/],
  ['new Date()', /\bnew\s+Date\s*\(\s*\)/],
  ['performance.now', /\bperformance\s*\.\s*now\b/],
  ['Math.random', /\bMath\s*\.\s*random\b/],
  ['toLocale…', /\.\s*toLocale\w+/],
];

purity('and all that it imports use no clock, no chance, no machine', () => {
  const offenders = reachedFrom('sim/').flatMap(({ path, text, packages }) => {
    const code = codeOnly(text);
    const used = impure.filter(([, pattern]) => pattern.test(code)).map(([what]) => what);
    return [...packages.filter((name) => name.startsWith('node:')), ...used].map(
      (what) => `${path}: ${what}`,
    );
  });
  none(offenders);
});

purity.run();

const files = suite('house: files');

files(`of source have at most ${maxLines} lines`, () => {
  const lengths = sources.map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }));
  none(lengths.filter(({ lines }) => lines > maxLines).map(({ path, lines }) => `${path}: ${lines} lines`));
});

files('of tests run every suite they make', () => {
  none(testSources().flatMap(({ path, text }) => suitesNotRun(text).map((name) => `${path}: ${name}`)));
});

files('of tests single out no test', () => {
  none(
    testSources()
      .filter(({ text }) => /\.only\s*\(/.test(codeOnly(text)))
      .map(({ path }) => path),
  );
});

files('name no package registry and no path of one machine', () => {
  const registry = /registry\.(npmjs|yarnpkg|npmmirror)|\b(art[i]factory|verdacc[i]o|npm\.pkg\.github)\b/;
  const machinePath = /(^|[\s"'`(=:,])(\/(home|Users|root|work)\/|[A-Z]:\\Users\\)/m;
  none(linesMatching(allFiles, (line) => registry.test(line) || machinePath.test(line)));
});

files('leave nothing to do', () => {
  const marks = /\b(TO[D]O|FIX[M]E)\b/;
  none(linesMatching(allFiles, (line) => marks.test(line)));
});

files.run();

/** Fails with the list of offenders, if there are any. */
function none(offenders: string[]): void {
  assert.ok(offenders.length === 0, `\n      ${offenders.join('\n      ')}`);
}

function floorOf(path: string): number | undefined {
  const folder = path.split('/')[0];
  return path.includes('/') && Object.hasOwn(floors, folder) ? floors[folder] : undefined;
}

function mayImport(from: string, to: string): boolean {
  const [fromFolder, toFolder] = [from.split('/')[0], to.split('/')[0]];
  // What runs in a browser comes from one folder, and from packages.
  if (from.startsWith('reports/browser/')) return to.startsWith('reports/browser/');
  if (fromFolder === toFolder) return true;
  // Reports show results; they neither compile nor simulate.
  if (fromFolder === 'reports') return toFolder === 'foundation' || /^sim\/(.*[/-])?result\.ts$/.test(to);
  const [here, there] = [floorOf(from), floorOf(to)];
  return here !== undefined && there !== undefined && there < here;
}

/** Every circle of imports among the sources, type-only imports too, each once. */
function circles(): string[] {
  const found = new Map<string, string>();
  const done = new Set<string>();
  const visit = (path: string, trail: string[]) => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      const circle = trail.slice(start);
      found.set([...circle].sort().join(), [...circle, path].join(' → '));
      return;
    }
    if (done.has(path)) return;
    for (const target of sourceAt.get(path)?.imports ?? []) visit(target.path, [...trail, path]);
    done.add(path);
  };
  for (const { path } of sources) visit(path, []);
  return [...found.values()];
}

/** The files of a folder and all that runs when they are imported; types are erased and do not run. */
function reachedFrom(folder: string): SourceFile[] {
  const reached = new Set<string>();
  const queue = sources.filter(({ path }) => path.startsWith(folder)).map(({ path }) => path);
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    const targets = sourceAt.get(path)?.imports ?? [];
    queue.push(...targets.filter(({ typeOnly }) => !typeOnly).map((target) => target.path));
  }
  return [...reached].flatMap((path) => sourceAt.get(path) ?? []);
}

function testSources(): SourceFile[] {
  return typescript.filter(({ path }) => /^test\/.*\.test\.tsx?$/.test(path));
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(packageRoot, path), 'utf8');
  const all = importsOf(text);
  return {
    path,
    text,
    imports: all
      .filter(({ specifier }) => specifier.startsWith('.'))
      .map(({ specifier, typeOnly }) => ({ path: normalize(join(dirname(path), specifier)), typeOnly })),
    packages: all.map(({ specifier }) => specifier).filter((specifier) => !specifier.startsWith('.')),
  };
}

/** Files of the package that are, or could be, tracked: all but what .gitignore names. */
function filesBelow(folder: string): string[] {
  const ignored = /^(\.git|node_modules|dist|coverage)$|\.log$/;
  return readdirSync(join(packageRoot, folder), { withFileTypes: true })
    .filter(({ name }) => !ignored.test(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : [];
    });
}

function linesMatching(paths: string[], offends: (line: string) => boolean): string[] {
  return paths.flatMap((path) => {
    const text = readFileSync(join(packageRoot, path), 'utf8');
    if (text.includes('\0')) return [];
    return text.split('\n').flatMap((line, index) => (offends(line) ? [`${path}:${index + 1}`] : []));
  });
}
