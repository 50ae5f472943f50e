import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { packageRoot } from '../foundation/files.ts';
import { parsedDocumentsFile } from '../foundation/parsed-documents.ts';
import { bundlePageScript } from './page-script.ts';
import { parseDocuments } from './parsed-documents.ts';

/**
 * Bundles the program after the compiler has put every module into `dist/`: `dist/bundle/` holds the program and its
 * worker threads in a few files, with the libraries that each command needs, and the documents of the package, parsed.
 * The modules where program and threads start become one line that imports theirs. Opening files and reading YAML is
 * most of what a short command does; every other module stays as it was compiled, for tests and benchmarks. The
 * compiler writes all modules anew each time, so a bundle is never older than what is beside it.
 */

const bundleFolder = 'dist/bundle';

/** Libraries that are pure JavaScript and small; the others bring binaries or files of their own. */
const bundled = new Set(['commander', 'csv-parse', 'yaml', 'zod']);

/** Where the program and its threads start. */
function entryPoints(): string[] {
  const workers = ['cli', 'sweep', 'evolve/evaluation'].flatMap((folder) =>
    readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('-worker.ts'))
      .map((path) => `${folder}/${path.split(sep).join('/')}`),
  );
  return ['cli/main.ts', ...workers];
}

/** Leaves packages to Node, apart from those that are bundled. */
const otherPackages: Plugin = {
  name: 'other-packages',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
      const name = path.split('/', path.startsWith('@') ? 2 : 1).join('/');
      return kind === 'entry-point' || bundled.has(name) ? undefined : { path, external: true };
    });
  },
};

/** The messages of zod in English: the other languages are half of what zod takes to load. */
const onlyEnglish: Plugin = {
  name: 'only-english',
  setup({ onLoad }) {
    onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
    }));
  },
};

/** A module sees the address at which the compiler put it: workers and files are found beside that. */
const ownAddress: Plugin = {
  name: 'own-address',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const compiled = relative(packageRoot, path).split(sep).join('/').replace(/\.ts$/, '.js');
      const address = `new URL('../${compiled}', import.meta.url).href`;
      const contents = readFileSync(path, 'utf8').replaceAll('import.meta.url', address);
      return { contents, loader: 'ts' };
    });
  },
};

const entries = entryPoints();
rmSync(join(packageRoot, bundleFolder), { recursive: true, force: true });
await build({
  absWorkingDir: packageRoot,
  entryPoints: entries.map((path) => ({ in: path, out: bundleName(path) })),
  outdir: bundleFolder,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  // Libraries written for require() keep asking for Node's own modules with it.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module';const require = requireFrom(import.meta.url);",
  },
  plugins: [otherPackages, onlyEnglish, ownAddress],
  logLevel: 'warning',
});
writeFileSync(join(packageRoot, parsedDocumentsFile), JSON.stringify(parseDocuments()));
for (const path of entries) writeFileSync(compiledPath(path), entryText(path));
await bundlePageScript();

function bundleName(path: string): string {
  return path.replace(/\.ts$/, '').replaceAll('/', '-');
}

function compiledPath(path: string): string {
  return join(packageRoot, 'dist', path.replace(/\.ts$/, '.js'));
}

/** The line that stands for a compiled module: its bundle, with what it exports. */
function entryText(path: string): string {
  const source = readFileSync(join(packageRoot, path), 'utf8');
  const target = join(packageRoot, bundleFolder, `${bundleName(path)}.js`);
  const from = relative(dirname(compiledPath(path)), target)
    .split(sep)
    .join('/');
  const [firstLine] = source.split('\n', 1);
  const shebang = firstLine.startsWith('#!') ? `${firstLine}\n` : '';
  const isDefault = /^export default /m.test(source);
  return `${shebang}${isDefault ? `export { default } from '${from}'` : `import '${from}'`};\n`;
}
