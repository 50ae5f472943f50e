import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { chromiumPath, launchChromium } from '../../../bench/chromium.ts';
import { inventedSweep } from '../../../bench/invented-sweep.ts';
import { packageRoot } from '../../../foundation/files.ts';
import { htmlReport, pageScriptFile } from '../../../reports/html/html-report.ts';
import { lowContrasts } from './contrasts.ts';
import { fakeCharts } from './fake-charts.ts';
import { lookAt } from './screenshot.ts';
import { hostileName } from './subjects.ts';

const live = suite('html report in Chromium');

const folder = mkdtempSync(join(tmpdir(), 'rankfleet-page-'));
const address = pathToFileURL(join(folder, 'page.html')).href;
let browser: Browser | undefined;
let page: Page;
/** What went wrong in any page: messages of the console, requests, errors of scripts. */
const troubles: string[] = [];

live.before(async () => {
  if (!chromiumPath) return;
  const script = readFileSync(join(packageRoot, pageScriptFile), 'utf8');
  const subject = { kind: 'sweep', source: 'swept', sweep: inventedSweep(150) } as const;
  const text = `in full\n${hostileName}`;
  const html = htmlReport({ subject, charts: fakeCharts, absent: [], text, script, product: 'rankfleet 0' });
  writeFileSync(join(folder, 'page.html'), html);
  browser = await launchChromium();
  page = await open();
});

live.after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

live.after.each(() => {
  assert.equal(troubles.splice(0), []);
});

/** The page in a window of its own; the network answers nothing, and is watched. */
async function open(options: BrowserContextOptions = {}): Promise<Page> {
  const opened = await browser!.newPage({
    viewport: { width: 1280, height: 900 },
    reducedMotion: 'reduce',
    ...options,
  });
  opened.on('console', (message) => troubles.push(message.text()));
  opened.on('pageerror', (error) => troubles.push(error.message));
  opened.on('dialog', (dialog) => troubles.push(dialog.message()));
  opened.on('request', (request) => {
    if (request.url() !== address) troubles.push(request.url());
  });
  await opened.goto(address);
  return opened;
}

/** Colour that the page lies on. */
const ground = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');

const tooltip = () => page.locator('.tooltip');

/** Rows of the table of chosen dots. */
const chosenRows = () => page.locator('#fake-scatter .chosen-points tbody tr');

test('a mark under the pointer tells its exact values, and no tooltip of the browser is left', async () => {
  const mark = page.locator('#fake-bars .mark').nth(2);
  await mark.hover();
  assert.is(await tooltip().textContent(), `${hostileName}\np99 3 ms`);
  assert.ok(await tooltip().isVisible());
  assert.is(await page.locator('svg title').count(), 0);
  assert.is(await mark.getAttribute('aria-label'), `${hostileName}\np99 3 ms`);
  await page.mouse.move(2, 2);
  assert.not.ok(await tooltip().isVisible());
});

test('Tab comes to a chart once, arrows, Home and End go over its marks, Escape closes', async () => {
  const focused = () => page.evaluate<string>("document.activeElement.getAttribute('aria-label')");
  await page.locator('#fake-bars .mark').first().focus();
  assert.is(await tooltip().textContent(), 'slow\np99 1 ms');
  await page.keyboard.press('ArrowRight');
  assert.is(await focused(), 'slowest\np99 2 ms');
  assert.is(await tooltip().textContent(), 'slowest\np99 2 ms');
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowDown');
  assert.is(await focused(), `${hostileName}\np99 3 ms`);
  await page.keyboard.press('Home');
  assert.is(await focused(), 'slow\np99 1 ms');
  await page.keyboard.press('Escape');
  assert.not.ok(await tooltip().isVisible());
  await page.keyboard.press('Tab');
  assert.is(await page.evaluate('document.activeElement.tagName'), 'SUMMARY');
  await page.keyboard.press('Shift+Tab');
  assert.is(await focused(), 'slow\np99 1 ms');
  await page.keyboard.press('Shift+Tab');
  assert.is(await page.evaluate("document.activeElement.closest('#fake-bars')"), null);
});

test('a name of the legend brings its series out, pressed by pointer or key', async () => {
  const faded = async (series: string) =>
    /\bfaded\b/.test((await page.locator(`#fake-lines .mark.${series}`).getAttribute('class')) ?? '');
  const name = page.locator('#fake-lines [role=button]').first();
  await name.click();
  await page.mouse.move(2, 2);
  assert.is(await name.getAttribute('aria-pressed'), 'true');
  assert.equal([await faded('series-1'), await faded('series-2')], [false, true]);
  await name.press('Enter');
  assert.equal([await faded('series-1'), await faded('series-2')], [false, false]);
  await name.press('ArrowRight');
  await page.keyboard.press(' ');
  assert.equal([await faded('series-1'), await faded('series-2')], [true, false]);
  await page.keyboard.press(' ');
});

test('the dot nearest to the pointer tells what is known of it, one out of reach tells nothing', async () => {
  const at = await scatterPoints();
  await page.mouse.move(...at(30 + 8 * 7 + 2, 30 + 8 * 3 - 2));
  assert.is(await tooltip().textContent(), `point 307\narm ${hostileName}\nUSD/h 9693`);
  await page.mouse.move(...at(430, 235));
  assert.not.ok(await tooltip().isVisible());
});

test('a rectangle chooses dots, which are lit up, counted, listed and sorted; Escape lets them go', async () => {
  const at = await scatterPoints();
  const drag = async () => {
    await page.mouse.move(...at(26, 26));
    await page.mouse.down();
    await page.mouse.move(...at(100, 40), { steps: 4 });
    await page.mouse.move(...at(30 + 8 * 9 + 4, 30 + 8 * 7 + 4), { steps: 4 });
    await page.mouse.up();
  };
  await drag();
  await page.keyboard.press('Escape');
  assert.is(await chosenRows().count(), 0);
  await drag();
  const count = page.locator('#fake-scatter .chosen-points output');
  assert.is(
    await count.textContent(),
    '80 of 2000 points chosen; the first 50 in the order of the table are listed',
  );
  assert.is(await chosenRows().count(), 50);
  assert.is(await chosenRows().first().textContent(), '0even–');
  const lit = await page.locator('#fake-scatter .chosen').getAttribute('d');
  assert.is(lit?.match(/M/g)?.length, 80);
  const price = page.locator('#fake-scatter .chosen-points th', { hasText: 'USD/h' });
  await price.getByRole('button').click();
  assert.is(await price.getAttribute('aria-sort'), 'ascending');
  assert.match((await chosenRows().first().textContent())!, /^709.*9291$/);
  await price.getByRole('button').press('Enter');
  assert.is(await price.getAttribute('aria-sort'), 'descending');
  assert.match((await chosenRows().first().textContent())!, /^1.*9999$/);
  await page.keyboard.press('Escape');
  assert.is(await chosenRows().count(), 0);
  assert.is(await count.textContent(), '');
  await drag();
  await page.mouse.dblclick(...at(60, 60));
  assert.is(await chosenRows().count(), 0);
});

test('bounds in numbers choose dots without a pointer', async () => {
  const choice = page.locator('#fake-scatter .choice');
  await choice.getByRole('combobox').selectOption('USD/h');
  await choice.getByRole('spinbutton', { name: 'from' }).fill('9990');
  assert.is(await chosenRows().count(), 10);
  await choice.getByRole('spinbutton', { name: 'to' }).fill('9992.5');
  assert.is(await chosenRows().count(), 3);
  await choice.getByRole('button', { name: 'Clear' }).click();
  assert.is(await chosenRows().count(), 0);
});

test('a heading sorts its table by size, whatever the units, with the unknown last', async () => {
  await page.locator('#fake-bars summary').click();
  const table = page.locator('#fake-bars table');
  const names = () => table.locator('tbody th').allTextContents();
  const heading = table.locator('th', { hasText: 'p99, ms' });
  await heading.getByRole('button').click();
  assert.equal(await names(), ['fast', 'slow', 'slowest', 'unknown']);
  assert.is(await heading.getAttribute('aria-sort'), 'ascending');
  await heading.getByRole('button').press('Enter');
  assert.equal(await names(), ['slowest', 'slow', 'fast', 'unknown']);
  await table.locator('th', { hasText: 'arm' }).getByRole('button').click();
  assert.equal(await names(), ['fast', 'slow', 'slowest', 'unknown']);
  assert.is(await heading.getAttribute('aria-sort'), null);
});

test('a long table shows only rows with the words that are asked for', async () => {
  const part = page.locator('#part-points');
  const rows = () => part.locator('tbody tr:visible').count();
  assert.is(await rows(), 200);
  await part.getByRole('searchbox').fill('SC-LARGE int8');
  const some = await rows();
  assert.ok(some > 10 && some < 100, `${some}`);
  assert.is(await part.locator('output').textContent(), `${some} of 200 rows`);
  await part.getByRole('searchbox').fill('');
  assert.is(await rows(), 200);
});

test('a button turns to the other theme; in both, text stands out from its ground', async () => {
  const light = await ground();
  const button = page.getByRole('button', { name: 'Dark theme' });
  assert.equal(await lowContrasts(page, 4.5), []);
  await button.click();
  assert.is.not(await ground(), light);
  assert.equal(await lowContrasts(page, 4.5), []);
  await page.getByRole('button', { name: 'Light theme' }).click();
  assert.is(await ground(), light);
});

test('the system chooses the theme first', async () => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.getByRole('button', { name: 'Light theme' }).waitFor();
  assert.equal(await lowContrasts(page, 4.5), []);
  await page.emulateMedia({ colorScheme: 'light' });
});

test('something is drawn, and a phone has to scroll in one direction only', async () => {
  const narrow = await open({ viewport: { width: 400, height: 800 } });
  const { width, height, values } = lookAt(await narrow.screenshot());
  assert.equal([width, height], [400, 800]);
  assert.ok(values > 50, `${values} values`);
  assert.is(await narrow.evaluate('document.documentElement.scrollWidth'), 400);
  await narrow.close();
});

test('paper has the light theme, no controls, and nothing cut off', async () => {
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  assert.is(await ground(), 'rgb(255, 255, 255)');
  for (const hidden of ['nav', '.theme', '.filter', '.choice', '#fake-lines details', '#part-text']) {
    assert.not.ok(await page.locator(hidden).first().isVisible(), hidden);
  }
  assert.ok(await page.locator('#fake-lines svg').isVisible());
  assert.is(await page.evaluate("getComputedStyle(document.querySelector('.scroll')).overflowX"), 'visible');
  const pdf = await page.pdf({ format: 'A4' });
  assert.is(pdf.subarray(0, 5).toString(), '%PDF-');
  await page.emulateMedia({ media: 'screen', colorScheme: 'light' });
});

test('without scripts the text, the tables and the charts are there', async () => {
  const plain = await open({ javaScriptEnabled: false });
  assert.match(await plain.locator('.lead').innerText(), /^The cheapest that surely meets/);
  assert.is(await plain.locator('figure svg.chart').count(), fakeCharts.length);
  assert.is(await plain.locator('#part-points tbody tr').count(), 200);
  assert.is(await plain.locator('#fake-bars .mark title').count(), 3);
  assert.is(await plain.locator('button').count(), 0);
  await plain.locator('#part-text summary').click();
  assert.ok((await plain.locator('#part-text pre').innerText()).includes(hostileName));
  await plain.close();
});

live.run();

function test(name: string, body: () => Promise<void>): void {
  if (chromiumPath) live(name, body);
  else live.skip(`${name}: no Chromium`, body);
}

/** From units of the scatter to pixels of the window, the scatter scrolled into it. */
async function scatterPoints(): Promise<(x: number, y: number) => [number, number]> {
  await page.locator('#fake-scatter').scrollIntoViewIfNeeded();
  const svg = page.locator('#fake-scatter svg');
  await svg.scrollIntoViewIfNeeded();
  const { x: left, y: top, width } = (await svg.boundingBox())!;
  const scale = width / 860;
  return (x, y) => [left + x * scale, top + y * scale];
}
