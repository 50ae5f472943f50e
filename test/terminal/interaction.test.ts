// time-limit: 120 s
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Exporter, Library, Run } from '../../reports/terminal/feed.ts';
import {
  backspace,
  cleanup,
  down,
  end,
  enter,
  esc,
  home,
  left,
  pageDown,
  pageUp,
  right,
  screenOf,
  shiftTab,
  TestScreen,
  tab,
  up,
} from './screens.tsx';
import { resultSubject, sweepSubject } from './subjects.ts';

const size = { columns: 80, rows: 24 };
const subject = await resultSubject();
const { arms } = subject.result;
const swept = await sweepSubject();

const keys = suite('terminal: keys on a screen');
keys.after(cleanup);

/** Name of the selected arm, and the figures below it. */
function selected(screen: TestScreen): { name: string; facts: string } {
  const list = screen.list();
  const at = list.findIndex((line) => line.startsWith('▸'));
  return { name: list[at].slice(1).trim(), facts: list[at + 1].trim() };
}

keys('arrows and letters move the selection, and stop at the ends', async () => {
  const screen = screenOf(subject, size);
  assert.is(selected(screen).name, 'alone');
  await screen.press(down);
  assert.is(selected(screen).name, 'two shards');
  await screen.press('j', 'j', 'j', 'j', 'j');
  assert.is(selected(screen).name, 'too large');
  await screen.press(up, 'k');
  assert.match(selected(screen).name, /^three shards/);
  await screen.press('g');
  assert.is(selected(screen).name, 'alone');
  await screen.press('G');
  assert.is(selected(screen).name, 'too large');
});

keys('the figures of the selected arm are those of the result', async () => {
  const screen = screenOf(subject, size);
  assert.match(screen.lines()[4], / p90 ms {2}USD\/h {4}ρ/);
  for (const { name, measured, fleet, verdict } of arms) {
    const { facts, name: shown } = selected(screen);
    assert.ok(name.startsWith(shown.split('…')[0].replace(/^A /, '')), name);
    const figures = /([\d.–]+) +([\d.–]+) +([\d.–]+)$/.exec(facts)!.slice(1).map(Number);
    const near = (value: number, wanted: number) => Math.abs(value / wanted - 1) < 5e-3;
    if (measured) {
      assert.ok(near(figures[0], measured.latencyS.p90.mean * 1e3), `${name}: ${facts}`);
      const rho = Math.max(...measured.utilisation.map(({ mean, offered }) => (offered ?? mean).mean));
      assert.ok(Math.abs(figures[2] - rho) <= Math.max(0.005, rho * 5e-3));
      assert.ok(near(figures[1], fleet.pricePerHourUsd));
    } else {
      assert.match(facts, /DOES NOT FIT +– +– +–$/);
      assert.match(screen.panel(), new RegExp(verdict.state));
    }
    await screen.press(down);
  }
});

keys('tabs open by Tab, arrows and digits, and go round', async () => {
  const screen = screenOf(subject, size);
  assert.is(screen.openTab(), 'Overview');
  await screen.press(tab);
  assert.is(screen.openTab(), 'Latency');
  await screen.press(right, right);
  assert.is(screen.openTab(), 'Shards');
  await screen.press(left, shiftTab);
  assert.is(screen.openTab(), 'Latency');
  await screen.press('7', tab);
  assert.is(screen.openTab(), 'Overview');
  await screen.press(shiftTab);
  assert.is(screen.openTab(), 'Compare');
  await screen.press('8');
  assert.is(screen.openTab(), 'Compare');
});

keys('long tabs scroll, no further than their end', async () => {
  const screen = screenOf(subject, size);
  const first = screen.panel();
  assert.match(screen.message(), /^lines 1–19 of \d+, PgDn for more$/);
  await screen.press(pageDown);
  assert.match(screen.message(), /^lines (\d+)–/);
  assert.is.not(screen.panel(), first);
  await screen.press(end);
  const last = screen.panel();
  assert.match(screen.message(), /^lines \d+–(\d+) of \1$/);
  await screen.press(pageDown, ' ');
  assert.is(screen.panel(), last);
  await screen.press(pageUp, 'b', home);
  assert.is(screen.panel(), first);
});

keys('a filter acts while it is typed, and Escape shows all again', async () => {
  const screen = screenOf(subject, size);
  await screen.press('/', 's', 'h', 'a');
  assert.match(screen.message(), /^filter: sha█/);
  assert.match(screen.lines()[3], / 2 of 5 arms, as listed \/sha/);
  assert.is(selected(screen).name, 'two shards');
  await screen.press('x');
  assert.match(screen.text(), /no arm matches the filter/);
  await screen.press(backspace, down);
  assert.match(selected(screen).name, /^three/);
  await screen.press(enter, 'q');
  assert.equal(screen.effects, [{ kind: 'quit' }], 'letters are keys again');
  await screen.press(esc);
  assert.match(screen.lines()[3], / 5 arms/);
  assert.match(selected(screen).name, /^three/, 'what was selected stays so');
  await screen.press('/', ...'does not', enter);
  assert.is(selected(screen).name, 'too large', 'verdicts are found, too');
});

keys('s goes through the orders, S turns them round, and figures that lack come last', async () => {
  const screen = screenOf(subject, size);
  await screen.press('s');
  assert.match(screen.lines()[3], /by p90 ↑/);
  const names = () =>
    screen
      .list()
      .filter((_, line) => line % 2 === 0)
      .map((line) => line.slice(3, 20).trim());
  const latency = (name: string) =>
    arms.find((arm) => arm.name.startsWith(name.split('…')[0]))!.measured?.latencyS.p90.mean;
  const times = names()
    .filter((name) => name !== '')
    .map(latency);
  assert.is(times.at(-1), undefined);
  assert.equal(
    times.slice(0, -1),
    [...times.slice(0, -1)].sort((a, b) => a! - b!),
  );
  await screen.press('S');
  assert.match(screen.lines()[3], /by p90 ↓/);
  assert.equal(
    names()
      .filter((name) => name !== '')
      .map(latency),
    times.toReversed(),
  );
  await screen.press('S', 's', 's', 's', 's');
  assert.match(screen.lines()[3], /by name ↑/);
  assert.is(names()[0], 'alone');
  await screen.press('s');
  assert.match(screen.lines()[3], /as listed/);
});

keys('c marks an arm and shows it beside another, difference by difference', async () => {
  const screen = screenOf(subject, { columns: 120, rows: 40 });
  await screen.press(down, 'c');
  assert.match(screen.message(), /^A is two shards/);
  assert.match(screen.list().join('\n'), /^▸A two shards/m);
  await screen.press(down, 'c');
  assert.is(screen.openTab(), 'Compare');
  assert.match(screen.panel(), /^A +two shards\nB +three shards/);
  assert.match(screen.panel(), /paired by replication/);
  const row = screen
    .panel()
    .split('\n')
    .find((line) => line.startsWith('p90'))!;
  const [a, b] = [...row.matchAll(/(\d+\.?\d*) ±/g)].map(([, value]) => Number(value));
  const means = [arms[1], arms[2]].map(({ measured }) => measured!.latencyS.p90.mean);
  assert.ok(Math.abs(a / b / (means[0] / means[1]) - 1) < 1e-2, row);
  await screen.press(up, up);
  assert.match(screen.panel(), /^A +two shards\nB +alone/);
  await screen.press(down);
  assert.match(screen.panel(), /^A +alone\nB +two shards/, 'an arm is not compared with itself');
  await screen.press(esc);
  assert.not.match(screen.text(), /▸A/);
});

keys('e writes the tab, or the answer in a format, and asks before it overwrites', async () => {
  const written: string[] = [];
  const exporter: Exporter = {
    key: 'json',
    label: 'the answer as JSON',
    extension: 'json',
    write: (file) => {
      written.push(file);
    },
  };
  const screen = screenOf(subject, size, [exporter]);
  await screen.press('2', 'e');
  assert.match(screen.panel(), /▸ 1 +this tab as text\n2 +the answer as JSON/);
  await screen.press(enter);
  assert.match(screen.message(), /^this tab as text to file: result-test-latency\.txt█/);
  await screen.press('\x15', ...'latency.txt', enter);
  assert.match(screen.message(), /^written: this tab as text to latency\.txt/);
  const text = screen.files.get('latency.txt')!;
  assert.match(text, /^result test, p90 ≤ 3\.00 ms\nLatency: alone\n\nPercentiles/);
  assert.match(text, /▸p90/);
  assert.ok(!text.includes('\x1b'));

  screen.files.set('latency.txt', 'precious');
  await screen.press('e', '1', '\x15', ...'latency.txt', enter);
  assert.match(screen.message(), /latency\.txt is there already\. Overwrite it\? y\/n/);
  await screen.press('n');
  assert.is(screen.files.get('latency.txt'), 'precious');
  assert.match(screen.message(), /to file: latency\.txt█/);
  await screen.press(enter, 'y');
  assert.is(screen.files.get('latency.txt'), text);

  await screen.press('e', down, enter, enter);
  assert.equal(written, ['result-test.json']);
  await screen.press('e', '1', '\x15', ...'nowhere/x', enter);
  assert.match(screen.message(), /^nowhere\/x cannot be written: permission denied/);
  await screen.press('e', '1', '\x15', enter);
  assert.match(screen.lines().at(-1)!, /Esc back/);
  await screen.press(esc, 'e', esc);
  assert.match(screen.lines().at(-1)!, /q quit/);
});

keys('help shows every key, scrolls, and goes away', async () => {
  const screen = screenOf(subject, size);
  await screen.press('?');
  const help = screen.text();
  for (const key of ['PgUp PgDn', '/', 's', 'c', 'e', 'Ctrl-Z']) assert.ok(help.includes(key), key);
  await screen.press(pageDown);
  assert.match(screen.text(), /ρ +use of the busiest resource/);
  await screen.press('x');
  assert.match(screen.lines()[3], /5 arms/);
});

keys('q quits, and asks first while something runs', async () => {
  const still = screenOf(subject, size);
  await still.press('q');
  assert.equal(still.effects, [{ kind: 'quit' }]);
  const run: Run = {
    state: 'running',
    done: 3,
    total: 12,
    what: 'replications',
    stopQuestion: 'Stop the simulation?',
    leftS: 41.2,
  };
  const snapshot = { subject, exporters: [], run };
  const live = new TestScreen({ current: () => snapshot, subscribe: () => () => {} }, size);
  assert.match(live.lines()[0], /██▌ +3\/12 replications, 42 s left/);
  await live.press('q');
  assert.match(live.message(), /^Stop the simulation\? y\/n/);
  await live.press('n', 'q', esc);
  assert.equal(live.effects, []);
  await live.press('q', 'y');
  assert.equal(live.effects, [{ kind: 'stop' }]);
  await live.press('\x03', '\x1a', '\x0c');
  assert.equal(live.effects.slice(1), [{ kind: 'interrupt' }, { kind: 'suspend' }, { kind: 'redraw' }]);
});

keys('an answer that grows keeps the selection, and shows the news', async () => {
  const { points } = swept.sweep;
  let snapshot = {
    subject: { ...swept, sweep: { ...swept.sweep, points: [points[5], points[2]] } },
    exporters: [],
  };
  let changed = () => {};
  const feed = {
    current: () => snapshot,
    subscribe: (listener: () => void) => {
      changed = listener;
      return () => {};
    },
  };
  const screen = new TestScreen(feed, size);
  await screen.press('j', 'j', 'c');
  assert.match(selected(screen).name, /^A #2 few/);
  snapshot = { ...snapshot, subject: swept };
  changed();
  await screen.press();
  assert.match(screen.lines()[3], /24 rows/);
  assert.match(selected(screen).name, /^A #2 few/, 'the row has moved in the list');
});

keys('nothing yet is no error', async () => {
  const empty = { ...swept, sweep: { ...swept.sweep, points: [] } };
  const screen = screenOf(empty, size);
  assert.match(screen.text(), /no row yet/);
  for (const key of ['1', '2', '5', '7', 's', 'c', 'e', down, end, '/', 'x', enter, esc]) {
    await screen.press(key);
    screen.lines();
  }
});

keys('several answers: one is chosen, and o goes back to the others', async () => {
  const library: Library = {
    place: 'this folder',
    entries: [
      { source: 'broken', kind: 'result', details: [] },
      { source: 'fine', kind: 'result', details: [['written', 'today']] },
    ],
    open: (index) => {
      if (index === 0) throw new Error('broken/result.json is not whole JSON: was it cut short?');
      return { subject, exporters: [] };
    },
  };
  const screen = new TestScreen(library, size);
  assert.match(screen.text(), /2 answers/);
  await screen.press(enter);
  assert.match(screen.message(), /^broken\/result\.json is not whole JSON/);
  await screen.press(down);
  assert.match(screen.panel(), /written +today/);
  await screen.press(enter);
  assert.match(screen.text(), /result test/);
  await screen.press('o');
  assert.match(screen.text(), /2 answers/);
  const opened = new TestScreen({ ...library, first: 1 }, size);
  assert.match(opened.text(), /result test/);
});

keys('another size draws anew, and a small one says what would show more', async () => {
  const screen = screenOf(subject, { columns: 60, rows: 12 });
  assert.match(screen.message(), /^This terminal is 60×12; 80×24 shows more\./);
  assert.match(screen.lines().at(-1)!, /\? help {2}q quit/);
  for (const [columns, rows] of [
    [20, 6],
    [1, 1],
    [300, 90],
  ] as const) {
    const other = screenOf(subject, size);
    other.viewer.resize(columns, rows);
    const { header, body, footer } = other.viewer.frame();
    assert.is(header.length + body.length + footer.length, Math.max(6, rows));
  }
});

keys('colour is in no frame that was drawn without it', async () => {
  const plain = new TestScreen(
    { current: () => ({ subject, exporters: [] }), subscribe: () => () => {} },
    size,
  );
  assert.ok(!plain.text().includes('\x1b'));
  const coloured = new TestScreen(
    { current: () => ({ subject, exporters: [] }), subscribe: () => () => {} },
    size,
    true,
  );
  assert.ok(coloured.text().includes('\x1b[32m✓ '));
});

keys.run();
