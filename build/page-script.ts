import { build } from 'esbuild';
import { packageRoot } from '../foundation/files.ts';
import { pageScriptFile } from '../reports/html/html-report.ts';

/** Bundles the script of pages with the parts of d3 that it needs into one file, which pages carry in themselves. */
export async function bundlePageScript(): Promise<void> {
  await build({
    absWorkingDir: packageRoot,
    entryPoints: ['reports/browser/main.ts'],
    outfile: pageScriptFile,
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    banner: { js: '/* With parts of d3, copyright Mike Bostock, ISC licence. */' },
    logLevel: 'warning',
  });
}
