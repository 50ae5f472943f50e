import { dirname } from 'node:path';
import { checkWritableFile, makeFolder, writeWhole } from '../../foundation/files.ts';
import { standaloneSvg } from '../../reports/charts/standalone-svg.ts';
import { searchPage } from '../../reports/search/search-page.ts';
import { searchText } from '../../reports/search/search-text.ts';
import { searchTree } from '../../reports/search/search-tree.ts';
import { exitCodes } from '../exit-codes.ts';
import { pageScript } from '../page-script.ts';
import { print } from '../print.ts';
import { productVersion } from '../product.ts';
import { reportOf, searchAt } from './stored-search.ts';

export interface ReportOptions {
  session?: number;
  html?: string;
  svg?: string;
  json?: boolean;
}

/** `rankfleet evolve report`: what a search came to, as text, data, a page or a drawing; returns the exit code. */
export async function reportSearch(
  path: string,
  { session, html, svg, json = false }: ReportOptions,
): Promise<number> {
  if (html !== undefined) checkWritableFile(html, '--html');
  if (svg !== undefined) checkWritableFile(svg, '--svg');
  const report = reportOf(await searchAt(path), path, session);
  if (svg !== undefined) write(svg, standaloneSvg(searchTree(report)));
  if (html !== undefined) {
    write(html, searchPage(report, { script: pageScript(), product: `rankfleet ${productVersion()}` }));
  }
  if (json) await print(`${JSON.stringify(report, null, 2)}\n`);
  else if (html === undefined && svg === undefined) await print(searchText(report));
  return exitCodes.answered;
}

function write(file: string, content: string): void {
  makeFolder(dirname(file));
  writeWhole(file, content);
  process.stderr.write(`wrote ${file}\n`);
}
