// time-limit: 300 s
import * as fc from 'fast-check';
import stringWidth from 'string-width';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { tools } from '../../cli/terminal.ts';
import type { Subject } from '../../reports/subject.ts';
import { stillFeed } from '../../reports/terminal/feed.ts';
import type { Key } from '../../reports/terminal/keys.ts';
import { painted, plain } from '../../reports/terminal/line.ts';
import { Viewer } from '../../reports/terminal/viewer.ts';
import { mutated, mutation } from '../terminal/random-subjects.ts';
import {
  cleanup,
  down,
  end,
  esc,
  pageDown,
  type Size,
  screenOf,
  type TestScreen,
} from '../terminal/screens.tsx';
import {
  comparisonSubject,
  distillationComparisonSubject,
  distillationSubject,
  mixSubject,
  planSubject,
  resultSubject,
  sweepSubject,
} from '../terminal/subjects.ts';

const sizes: Size[] = [
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
];

/** Words that show that something was not thought of, and numbers that nobody reads. */
const slips = /undefined|NaN|Infinity|\[object|null|\d\.\d{8}|\d{13}/;

interface Expected {
  /** Tabs that are dimmed for the first item. */
  missing: string[];
  /** What a tab says of the first item, whatever the size. */
  says: Record<string, RegExp>;
}

const result = await resultSubject();
const distilled = distillationSubject();

const subjects: [name: string, subject: Subject, expected: Expected][] = [
  [
    'result',
    result,
    {
      missing: ['Shards'],
      says: {
        Overview: /p90 ≤ 3\.00 ms is met by/,
        Latency: /▸p90 +█+/,
        Breakdown: /a +dense operators/,
        Fleet: /1 × sc-large/,
        Evidence: /serving\.scheduling +fifo/,
        Compare: /A +two shards\nB +alone/,
      },
    },
  ],
  [
    'comparison',
    comparisonSubject(result.result),
    {
      missing: ['Shards', 'Evidence'],
      says: {
        Overview: /sharding\.strategy/,
        Latency: /p50 +A +█*/,
        Breakdown: /B − A/,
        Fleet: /main hosts/,
        Compare: /A +alone\nB +two shards/,
      },
    },
  ],
  [
    'plan',
    await planSubject(),
    {
      missing: ['Breakdown', 'Shards'],
      says: {
        Overview: /requests\/s with p90 ≤ 20\.0 ms/,
        Latency: /Normal operation/,
        Fleet: /main +sc-large/,
        Evidence: /rests on/,
        Compare: /A +/,
      },
    },
  ],
  [
    'mix',
    await mixSubject(),
    {
      missing: ['Latency', 'Breakdown', 'Shards'],
      says: {
        Overview: /Least price for all workloads/,
        Fleet: /Stock/,
        Evidence: /Defaults/,
        Compare: /a host bears/,
      },
    },
  ],
  [
    'sweep',
    await sweepSubject(),
    {
      missing: ['Breakdown', 'Shards'],
      says: {
        Overview: /12 points \(grid\) of load\.arrivals\.rate/,
        Latency: /p90/,
        Fleet: /◆ Pareto/,
        Evidence: /assumed/,
        Compare: /independent/,
      },
    },
  ],
  [
    'distillation',
    distilled,
    {
      missing: ['Shards'],
      says: {
        Overview: /lowers NE by/,
        Latency: /waiting for labels/,
        Breakdown: /click of feed/,
        Fleet: /labelling/,
        Evidence: /teacher\.snapshots\.every +6 h/,
        Compare: /A +1 h\nB +6 h/,
      },
    },
  ],
  [
    'comparison of distillation',
    distillationComparisonSubject(),
    {
      missing: ['Shards', 'Evidence'],
      says: {
        Overview: /teacher\.snapshots\.every/,
        Latency: /freshness gap/,
        Breakdown: /step of the teacher/,
        Fleet: /above no teacher/,
        Compare: /A +6 h\nB +1 h/,
      },
    },
  ],
];

const frames = suite('terminal: every tab of every answer');
frames.after(cleanup);

/** All of a tab, page by page. */
async function wholeTab(screen: TestScreen): Promise<string> {
  let text = screen.panel();
  for (let seen = ''; seen !== screen.panel(); ) {
    seen = screen.panel();
    await screen.press(pageDown);
    text += `\n${screen.panel()}`;
  }
  return text;
}

for (const [name, subject, { missing, says }] of subjects) {
  for (const size of sizes) {
    frames(`${name} at ${size.columns}×${size.rows}`, async () => {
      const screen = screenOf(subject, size);
      await screen.press('g');
      const dimmed = [...screen.lines()[1].matchAll(/\(\d (\w+)\)/g)].map(([, title]) => title);
      assert.equal(dimmed, missing);
      for (const key of ['1', '2', '3', '4', '5', '6', '7']) {
        await screen.press('g', key);
        const title = screen.openTab();
        const text = await wholeTab(screen);
        assert.not.match(text, slips, title);
        if (missing.includes(title)) assert.match(text, /^Nothing to show: /);
        else if (says[title]) assert.match(text, says[title]);
        for (let item = 0; item < 2; item++) {
          await screen.press(down, end);
          assert.not.match(screen.text(), slips, title);
        }
      }
      await screen.press('?');
      assert.match(screen.text(), /Keys/);
      await screen.press(esc);
      assert.not.match(screen.text(), /^ Keys/m);
    });
  }
}

const press = (letters: string): Key[] => [...letters].map((letter) => ({ name: 'text', text: letter }));

/** Every line of a frame fits and holds nothing that moves the cursor. */
function checkFrame(viewer: Viewer, columns: number, rows: number): void {
  const { header, body, footer } = viewer.frame();
  const lines = [...header, ...body, ...footer];
  assert.is(lines.length, rows);
  for (const line of lines) {
    assert.ok(stringWidth(plain(line)) <= columns, plain(line));
    assert.not.match(plain(line), /\p{Cc}/u);
    assert.is(painted(line, false), plain(line));
  }
}

const fuzz = suite('terminal: names and figures of any kind');

for (const [name, subject] of subjects) {
  fuzz(`no line of a ${name} is wider than the terminal`, () => {
    fc.assert(
      fc.property(
        mutation,
        fc.integer({ min: 40, max: 160 }),
        fc.integer({ min: 8, max: 50 }),
        (how, columns, rows) => {
          const viewer = new Viewer({
            shown: stillFeed({ subject: mutated(subject, how), exporters: [] }),
            // Two arms of figures that were made up cannot be compared by what they were simulated from.
            tools: {
              ...tools,
              compareArms: () => tools.compareArms(result.result, 'alone', 'two shards'),
              compareDistilled: () => tools.compareDistilled(distilled.distillation, '6 h', '1 h'),
            },
            files: { exists: () => false, write: () => {} },
            columns,
            rows,
            onEffect: () => {},
          });
          checkFrame(viewer, columns, rows);
          for (const key of [
            '2',
            '3',
            '4',
            '5',
            '6',
            '7',
            'j',
            '5',
            '2',
            's',
            '1',
            'G',
            '3',
            '7',
            'c',
            '?',
          ]) {
            viewer.press(press(key));
            checkFrame(viewer, columns, rows);
            viewer.press([{ name: 'end' }]);
            checkFrame(viewer, columns, rows);
          }
          viewer.press([...press('x/'), ...press(how.words[0].slice(0, 30))]);
          checkFrame(viewer, columns, rows);
          viewer.press([{ name: 'escape' }, ...press('e1'), ...press(how.words[0])]);
          checkFrame(viewer, columns, rows);
        },
      ),
      { numRuns: 6 },
    );
  });
}

frames.run();
fuzz.run();
