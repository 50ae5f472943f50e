import { dirname } from 'node:path';
import { makeFolder, writeWhole } from '../../foundation/files.ts';
import { InputError } from '../../foundation/problem.ts';
import { standaloneSvg } from '../../reports/charts/standalone-svg.ts';
import { searchPage } from '../../reports/search/search-page.ts';
import { searchText } from '../../reports/search/search-text.ts';
import { searchTree } from '../../reports/search/search-tree.ts';
import { exitCodes } from '../exit-codes.ts';
import { pageScript } from '../page-script.ts';
import { print } from '../print.ts';
import { productVersion } from '../product.ts';
import { checkOutputs, stdout } from '../report-targets.ts';
import { isFolderOfSearches, overviewAs, overviewIn } from './search-overview.ts';
import { reportOf, searchAt } from './stored-search.ts';

export interface ReportOptions {
  session?: number;
  html?: string;
  svg?: string;
  json?: boolean;
  csv?: boolean;
  markdown?: boolean;
}

/**
 * `rankfleet evolve report`: what a search came to, as text, data, a page or a drawing, or many of them side by side; returns the
 * exit code.
 */
export async function reportSearch(path: string, options: ReportOptions): Promise<number> {
  if (isFolderOfSearches(path)) return reportSearches(path, options);
  const { session, html, svg, json = false, csv, markdown } = options;
  if (csv || markdown) {
    throw new InputError(
      `--${csv ? 'csv' : 'markdown'}: is for a folder with several searches; of one, rankfleet report ${path} --markdown FILE writes a document`,
    );
  }
  const files = { '--svg': svg, '--html': html, '--json': json ? stdout : undefined };
  const outputs = Object.entries(files).flatMap(([option, named]) =>
    named === undefined ? [] : [{ option, named }],
  );
  checkOutputs(outputs, path);
  const report = reportOf(await searchAt(path), path, session);
  if (svg !== undefined) await write(svg, standaloneSvg(searchTree(report)));
  if (html !== undefined) {
    await write(html, searchPage(report, { script: pageScript(), product: `rankfleet ${productVersion()}` }));
  }
  if (json) await print(`${JSON.stringify(report, null, 2)}\n`);
  else if (outputs.length === 0) await print(searchText(report));
  return exitCodes.answered;
}

async function reportSearches(folder: string, options: ReportOptions): Promise<number> {
  const single = (['html', 'svg', 'session'] as const).find((option) => options[option] !== undefined);
  if (single)
    throw new InputError(`--${single}: is for one search; ${folder} is a folder of searches, or of none`);
  const formats = (['json', 'csv', 'markdown'] as const).filter((format) => options[format]);
  if (formats.length > 1) throw new InputError(`--${formats.join(' and --')}: one of them at a time`);
  await print(overviewAs(await overviewIn(folder), formats[0] ?? 'text'));
  return exitCodes.answered;
}

async function write(file: string, content: string): Promise<void> {
  if (file === stdout) return await print(content);
  makeFolder(dirname(file));
  writeWhole(file, content);
  process.stderr.write(`wrote ${file}\n`);
}
