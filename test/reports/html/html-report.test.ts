import { createHash } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { htmlReport } from '../../../reports/html/html-report.ts';
import type { Subject } from '../../../reports/subject.ts';
import { fakeCharts } from './fake-charts.ts';
import { elementsOf, type PageElement } from './page-elements.ts';
import { hostileName, subjects } from './subjects.ts';

const pages = suite('html report');

const script = 'document.title += "</scr" + "ipt>";';
const all = await subjects();

function pageOf(subject: Subject): string {
  return htmlReport({
    subject,
    charts: fakeCharts,
    absent: [{ title: 'Hits', reason: `no arm caches; ${hostileName}` }],
    text: `the whole answer\n${hostileName}`,
    script,
    product: 'rankfleet 0',
  });
}

for (const subject of Object.values(all)) {
  const page = pageOf(subject);
  const elements = elementsOf(page);
  const the = (name: string) => elements.filter((element) => element.name === name);

  pages(
    `${subject.kind}: every element is closed where it should be, no id stands twice, no anchor is empty`,
    () => {
      const ids = elements.flatMap(({ attributes }) => attributes.id ?? []);
      assert.is(new Set(ids).size, ids.length, ids.filter((id, index) => ids.indexOf(id) !== index).join());
      for (const { attributes } of elements) {
        for (const key of ['aria-labelledby', 'aria-describedby']) {
          for (const id of attributes[key]?.split(' ') ?? []) assert.ok(ids.includes(id), `${key} ${id}`);
        }
        if (attributes.href) assert.ok(ids.includes(attributes.href.slice(1)), attributes.href);
      }
    },
  );

  pages(`${subject.kind}: may load nothing, and run and style only what it came with`, () => {
    const [policy] = the('meta').filter(
      ({ attributes }) => attributes['http-equiv'] === 'Content-Security-Policy',
    );
    const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    const [style] = the('style');
    const scripts = the('script').filter(({ attributes }) => attributes.type !== 'application/json');
    assert.is(the('style').length, 1);
    assert.equal(
      scripts.map(({ text }) => text),
      [script],
    );
    assert.is(
      policy.attributes.content,
      `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style.text)}; base-uri 'none'; form-action 'none'`,
    );
    for (const { name, attributes } of elements) {
      const keys = Object.keys(attributes);
      assert.ok(!keys.some((key) => key === 'style' || key.startsWith('on')), `${name} ${keys}`);
      assert.ok(!keys.includes('src') && !['link', 'img', 'iframe', 'object'].includes(name), name);
      for (const [key, value] of Object.entries(attributes)) {
        if (key === 'href') assert.ok(value.startsWith('#'), value);
        if (!key.startsWith('xmlns')) assert.not.match(value, /^\s*(https?:|\/\/|javascript:)/);
      }
    }
    assert.not.match(style.text, /url\(|@import/);
  });

  pages(
    `${subject.kind}: headings come in order, tables have captions and headings of rows and columns`,
    () => {
      const levels = elements.flatMap(({ name }) => (/^h[1-6]$/.test(name) ? Number(name[1]) : []));
      assert.is(levels[0], 1);
      assert.is(levels.filter((level) => level === 1).length, 1);
      assert.ok(
        levels.every((level, index) => index === 0 || level <= levels[index - 1] + 1),
        `${levels}`,
      );
      const tables = the('table');
      assert.ok(tables.length > fakeCharts.length);
      for (const table of tables) {
        assert.is(table.children[0].name, 'caption');
        const rows = below(table, 'tr');
        const width = below(table, 'thead')[0].children.at(-1)!.children.length;
        for (const { children } of rows.filter((row) => !row.attributes.class))
          assert.is(children.length, width);
        for (const { children } of below(below(table, 'tbody')[0], 'tr')) {
          assert.is(children[0].attributes.scope, 'row');
        }
        for (const heading of below(table, 'thead').flatMap((head) => below(head, 'th'))) {
          assert.match(heading.attributes.scope, /^col(group)?$/);
          assert.is.not(heading.text.trim(), '');
        }
      }
    },
  );

  pages(`${subject.kind}: says no nonsense, and no number of many digits`, () => {
    const text = textOf(the('main')[0]);
    assert.not.match(text, /NaN|undefined|Infinity|\[object/);
    assert.not.match(text, /\d\.\d{7,}/);
    for (const { title, note } of fakeCharts) assert.ok(text.includes(title) && text.includes(note), title);
    assert.ok(text.includes('the whole answer'));
    assert.ok(text.includes('no arm caches'));
  });

  pages(`${subject.kind}: the same input gives the same bytes`, () => assert.is(pageOf(subject), page));
}

pages('a hostile name is a name, and nothing else', () => {
  const page = pageOf(all.result);
  const elements = elementsOf(page);
  assert.is(elements.filter(({ name }) => name === 'img').length, 0);
  assert.is(elements.filter(({ name }) => name === 'script').length, 2);
  const heading = elements.find(
    ({ name, attributes, text }) => name === 'th' && attributes.scope === 'row' && text === hostileName,
  );
  assert.ok(heading, 'the arm is in the table under its name');
  const title = elements.find(({ name }) => name === 'title')!;
  assert.ok(title.text.includes('<script>'), 'the question is in the title as it was asked');
});

pages('a result: arms with verdicts, intervals and units; defaults, hash, seed and the command', () => {
  assert.ok(all.result.kind === 'result');
  const { arms, defaults, fingerprint } = all.result.result;
  const elements = elementsOf(pageOf(all.result));
  const text = textOf(elements.find(({ name }) => name === 'main')!);
  const rows = elements.filter(({ name }) => name === 'tr').map(textOf);
  for (const { name, verdict } of arms) {
    assert.ok(
      rows.some((row) => row.startsWith(name) && row.includes(verdict.state)),
      name,
    );
  }
  for (const { path } of defaults) assert.ok(text.includes(path), path);
  assert.match(text, /latency, (ms|µs)/);
  assert.match(text, /USD\/h/);
  assert.match(text, /p95 ≤.20\.0.ms/);
  assert.match(text, /± 95 % interval over 3 replications/);
  assert.ok(text.includes(fingerprint.inputHash));
  assert.match(text, /rankfleet simulate \S+ --seed 1 --replications 3/);
  assert.match(text, /flooded is SATURATED/);
});

pages('a plan: every alternative with its state, hosts, money, power, and proof', () => {
  assert.ok(all.plan.kind === 'plan');
  const { alternatives, best, fingerprint } = all.plan.plan;
  assert.ok(best !== undefined);
  const elements = elementsOf(pageOf(all.plan));
  const rows = elements.filter(({ name }) => name === 'tr').map(textOf);
  for (const { name, state, fleet } of alternatives) {
    const isSaid = (row: string) =>
      row.startsWith(name) && row.includes(state) && row.includes(String(fleet?.hosts ?? '–'));
    assert.ok(rows.some(isSaid), name);
  }
  const text = textOf(elements.find(({ name }) => name === 'main')!);
  for (const words of [
    'USD/month',
    'power, kW',
    'requests per joule',
    'all headroom used',
    fingerprint.inputHash,
  ]) {
    assert.ok(text.includes(words), words);
  }
});

pages('a comparison: both sides, what differs, every figure with its unit and its difference', () => {
  assert.ok(all.comparison.kind === 'comparison');
  const { a, b, pairs } = all.comparison.comparison;
  const text = textOf(elementsOf(pageOf(all.comparison)).find(({ name }) => name === 'main')!);
  for (const words of [a.inputHash, b.inputHash, hostileName, 'sharding.shards', 'B − A', 'price, USD/h']) {
    assert.ok(text.includes(words), words);
  }
  for (const { title } of pairs[0].figures) assert.ok(text.includes(title), title);
});

pages('a comparison of several arms: how many differ how, then each', () => {
  assert.ok(all.comparison.kind === 'comparison');
  const { comparison } = all.comparison;
  const [pair] = comparison.pairs;
  const unsound = {
    ...pair,
    a: { ...pair.a, name: 'flooded' },
    b: { ...pair.b, name: 'flooded' },
    meaningless: 'B (flooded) is SATURATED',
  };
  const judged = pair.figures.find(({ key }) => key === comparison.judged)!;
  const figures = [{ ...judged, significant: true, difference: { mean: -1e-3, low: -2e-3, high: -1e-4 } }];
  const pairs = [{ ...pair, figures }, { ...pair, figures: [{ ...judged, significant: false }] }, unsound];
  const subject: Subject = { ...all.comparison, comparison: { ...comparison, pairs } };
  const elements = elementsOf(pageOf(subject));
  const lead = elements.find(({ attributes }) => attributes.class === 'lead')!;
  assert.is(
    lead.text,
    'Of 3 arms, the p95 of B is lower in 1, not surely different in 1; 1 cannot be compared.',
  );
  const rows = below(elements.find(({ attributes }) => attributes.id === 'part-pairs')!, 'tr').map(textOf);
  assert.is(rows.length, 1 + pairs.length);
});

pages('a sweep: the frontier, the first of its rows, and where the others are', () => {
  const text = textOf(elementsOf(pageOf(all.sweep)).find(({ name }) => name === 'main')!);
  assert.match(text, /The cheapest that surely meets p99 ≤ 20\.0 ms is \S+ at point \d+/);
  assert.match(text, /The first 200 of 300 rows/);
  assert.match(text, /rankfleet report swept --csv points\.csv/);
  assert.match(text, /load\.arrivals\.rate, QPS/);
});

pages('words that a reader may not know are explained, those that the page does not use are not', () => {
  const glossary = elementsOf(pageOf(all.plan)).find(({ attributes }) => attributes.id === 'part-glossary')!;
  const terms = below(glossary, 'dt').map(({ text }) => text);
  for (const term of ['ρ', '±', 'headroom']) assert.ok(terms.includes(term), term);
  assert.ok(!terms.includes('Shapley value'));
});

pages.run();

function below({ children }: PageElement, name: string): PageElement[] {
  return children.flatMap((child) => [...(child.name === name ? [child] : []), ...below(child, name)]);
}

function textOf({ text, children }: PageElement): string {
  return [text, ...children.map(textOf)].join(' ').replace(/\s+/g, ' ').trim();
}
