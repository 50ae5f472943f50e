import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { packageRoot } from '../foundation/files.ts';
import { chartsOf } from '../reports/charts/charts-of.ts';
import { htmlReport, pageScriptFile } from '../reports/html/html-report.ts';
import { chromiumPath, launchChromium } from './chromium.ts';
import { inventedSweep } from './invented-sweep.ts';

/** How long a page of a sweep takes to write, to open in Chromium, and to answer a choice of all its dots. */
export interface PageBenchRow {
  points: number;
  dots: number;
  pageMB: number;
  writeMs: number;
  /** From the start of the navigation to the end of its load event, script included: median. */
  openMs?: number;
  chooseMs?: number;
}

const openings = 7;

/** Pages of sweeps of some sizes; without a Chromium they are written only. */
export async function benchPage(): Promise<PageBenchRow[]> {
  const browser = chromiumPath ? await launchChromium() : undefined;
  const folder = mkdtempSync(join(tmpdir(), 'rankfleet-page-'));
  try {
    const rows: PageBenchRow[] = [];
    for (const points of [1000, 10_000])
      rows.push(await benchSize(points, browser, join(folder, 'page.html')));
    return rows;
  } finally {
    await browser?.close();
    rmSync(folder, { recursive: true });
  }
}

async function benchSize(points: number, browser: Browser | undefined, file: string): Promise<PageBenchRow> {
  const sweep = inventedSweep(points);
  const script = readFileSync(join(packageRoot, pageScriptFile), 'utf8');
  const start = performance.now();
  const subject = { kind: 'sweep', source: 'invented', sweep } as const;
  const { charts, absent } = chartsOf(subject);
  const page = htmlReport({ subject, charts, absent, text: '', script, product: 'rankfleet' });
  const writeMs = performance.now() - start;
  writeFileSync(file, page);
  return {
    points,
    dots: charts[0].points?.x.length ?? 0,
    pageMB: page.length / 1e6,
    writeMs,
    ...(browser && (await timesInBrowser(browser, pathToFileURL(file).href))),
  };
}

async function timesInBrowser(
  browser: Browser,
  address: string,
): Promise<{ openMs: number; chooseMs: number }> {
  const page = await browser.newPage();
  const times: number[] = [];
  for (let opening = 0; opening < openings; opening++) {
    await page.goto(address, { waitUntil: 'load' });
    times.push(
      await page.evaluate<number>(
        "new Promise((done) => setTimeout(() => done(performance.getEntriesByType('navigation')[0].loadEventEnd)))",
      ),
    );
  }
  const chooseMs = await page.evaluate<number>(`(() => {
    const from = document.querySelector('.choice input');
    const start = performance.now();
    from.value = '-1';
    from.dispatchEvent(new Event('input', { bubbles: true }));
    document.body.offsetHeight;
    return performance.now() - start;
  })()`);
  await page.close();
  times.sort((a, b) => a - b);
  return { openMs: times[openings >> 1], chooseMs };
}
