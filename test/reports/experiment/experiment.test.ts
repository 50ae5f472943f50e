import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { csvOf } from '../../../foundation/csv.ts';
import { standaloneSvg } from '../../../reports/charts/standalone-svg.ts';
import { comparedWith } from '../../../reports/experiment/controls.ts';
import { experimentCharts } from '../../../reports/experiment/experiment-charts.ts';
import { experimentPage, experimentParts } from '../../../reports/experiment/experiment-page.ts';
import { experimentTables } from '../../../reports/experiment/experiment-tables.ts';
import { experimentText } from '../../../reports/experiment/experiment-text.ts';
import { experimentInWords } from '../../../reports/experiment/in-words.ts';
import { estimated, percentPoints } from '../../../reports/experiment/wording.ts';
import { markdownReport } from '../../../reports/files/markdown-report.ts';
import { type ExperimentResult, experimentResultSchema } from '../../../sim/training/experiment-result.ts';
import { parseXml, type Xml } from '../charts/xml.ts';
import { difference, experiment } from './experiments.ts';

const origin = { source: 'results', commands: ['rankfleet distil delays.yaml'] };
const flat = (text: string) => text.replaceAll(/\s+/g, ' ');
const textOf = (changes: Partial<ExperimentResult> = {}) => flat(experimentText(experiment(changes)));

const words = suite('reports: an experiment in words');

words('the fixture is what the schema of results takes', () => {
  experimentResultSchema.parse(experiment());
});

words('the first sentence counts what is sure, and what is not', () => {
  const [first] = experimentInWords(experiment());
  assert.is(
    first,
    'External distillation surely lowers the students’ NE in 38 of 42 comparisons with the base, raises it in 3 and leaves it open in 1.',
  );
  const none = experiment({ cells: experiment().cells.filter(({ arm }) => arm === 'base') });
  assert.match(experimentInWords(none)[0], 'No student was taught');
});

words('verdicts are told by claim', () => {
  assert.match(
    experimentInWords(experiment()).join(' '),
    'Of 3 claims 1 holds: (d); (c) is not shown; (f) was not run.',
  );
});

words('claims of which none is shown are not listed', () => {
  const claims = experiment().claims.map((claim) => ({ ...claim, verdict: 'not shown' as const }));
  assert.match(
    experimentInWords(experiment({ claims })).join(' '),
    'None of the 3 claims is shown, one way or the other.',
  );
});

words('most and least of each task are named with their arms, and so is what does harm', () => {
  const said = experimentInWords(experiment()).join(' ');
  assert.match(
    said,
    'On late, the teacher’s own task, most is gained with one head and a teacher 1 d old: +1.23 %',
  );
  assert.match(
    said,
    'On later, the teacher’s being late, most is gained with AH+GS+LS+SA and a teacher 7 d old: +1.47 %',
  );
  assert.match(said, 'Surely worse than no teacher: one head on later.');
});

words('a control that does as well as its arm is told in the answer', () => {
  const said = experimentInWords(experiment()).join(' ');
  assert.match(said, '“AH on labels” does as well as AH');
  assert.match(said, '“AH, w doubled” does as well as AH+SA');
  assert.not.match(said, 'shuffled y_F” does as well');
});

words('differences have the widest of their intervals, and none without', () => {
  assert.is(percentPoints(difference(0.45)), '+0.45 (+0.35 … +0.55)');
  assert.is(percentPoints(difference(-1.88, 0.2)), '−1.88 (−2.08 … −1.68)');
  assert.is(
    percentPoints({
      mean: 0.01,
      perSeed: [0.01],
      overSeeds: { low: -0.02, high: 0.012 },
      overDays: { low: 0, high: 0.05 },
      side: 'open',
    }),
    '+1.00 (−2.00 … +5.00)',
  );
  assert.is(percentPoints({ mean: -0.00001, perSeed: [-0.00001], side: 'open' }), '0.00');
  assert.is(estimated({ mean: 0.94221, low: 0.9417, high: 0.9427 }), '0.9422 ±0.0005');
  assert.is(estimated({ mean: 0.9 }), '0.9000');
});

words.run();

const text = suite('reports: an experiment as text');

text('has every part, with units and counts', () => {
  const said = textOf();
  for (const part of [
    'Warning: Day 17 has no example.',
    'Gain, %: later in north, the teacher’s being late',
    'one head −1.88 (−1.98 … −1.78) −1.53',
    'one head 1.430 ±0.004',
    '· AH on shuffled y_F',
    'late 21.0 1 234 7 2 998 766 15.0 min',
    '3 examples had to be put into the order of time.',
    '99 examples in no vertical',
    'Verticals that nobody trains, with their examples: west (12).',
    '1 000 000 predictions of exported models compared with those of the serving heads that they came from: equal to the last bit.',
    '0.5 AH+GS, late in north 1 d +0.05 (−0.05 … +0.15) +0.55 (+0.45 … +0.65) not defined',
    'β, gradient scaling: 4 in arms with GS, else 1',
    'AH on labels: control: the student’s own labels in the place of y_F',
    'Examples are predicted before they are trained on.',
  ])
    assert.ok(said.includes(part), `${part}\n${said}`);
});

text('what is zero is not told of the stream, and what is one is told as one', () => {
  const { source } = experiment();
  const none = { ...source, moved: 0, inNoVertical: 0, unknownVerticals: [] };
  const said = textOf({ source: none });
  assert.not.match(said, 'order of time');
  assert.not.match(said, 'in no vertical');
  assert.match(
    textOf({ source: { ...none, inNoVertical: 1 } }),
    '1 example in no vertical: the teacher alone trains on it.',
  );
});

text('where a stream comes from begins a sentence', () => {
  const { source } = experiment();
  assert.match(textOf({ source: { ...source, description: 'drawn from a world' } }), 'Drawn from a world. ');
  assert.match(
    textOf({ source: { ...source, kind: 'csv', description: 'shop.csv' } }),
    'The stream ══════════ From shop.csv. ',
  );
});

text('who taught is told in words', () => {
  const taughtBy = (teacher: 'shuffled' | 'vm-sized' | 'none') =>
    textOf({ cells: experiment().cells.map((cell) => (cell.arm === 'ah' ? { ...cell, teacher } : cell)) });
  assert.match(taughtBy('shuffled'), 'AH the teacher, shuffled 0.00');
  assert.match(taughtBy('vm-sized'), 'AH a teacher of its size 0.00');
  assert.match(taughtBy('none'), 'AH nobody AH+GS the teacher');
});

text('a single comparison with a control is told as one', () => {
  const cells = experiment().cells.filter(
    ({ task, stalenessDays }) => task === 'late' && (stalenessDays ?? 0) === 0,
  );
  const said = textOf({ cells });
  assert.match(said, 'AH gains more in the only comparison, by the mean over seeds');
  assert.match(said, 'it does at least as well as AH+SA in the only comparison');
});

text('a control is beside its arm, and told how often the arm is ahead', () => {
  const said = textOf();
  assert.match(said, /· AH, w doubled \+0\.70/);
  assert.match(
    said,
    'by its doubled weight of distillation alone: it does at least as well as AH+SA in 6 of 6 comparisons',
  );
  const cells = experiment().cells.filter(({ task }) => task === 'late');
  const compared = comparedWith(cells, { arm: 'ah-gs', control: 'raised-rate' });
  assert.equal(
    compared.map(({ ahead, seeds }) => [ahead, seeds]),
    [
      [5, 5],
      [5, 5],
      [5, 5],
    ],
  );
});

text('names from files of data cannot steer a terminal', () => {
  const { source } = experiment();
  const said = experimentText(
    experiment({
      source: {
        ...source,
        unknownVerticals: [
          ['\u001b[31mred', 5],
          ['', 3],
        ],
      },
    }),
  );
  assert.not.ok(said.includes('\u001b'));
  assert.match(said, '\\u001b[31mred (5), no name (3)');
});

text('of many verticals a terminal shows some, and a page all', () => {
  const { cells } = experiment();
  const gridVerticals = Array.from({ length: 9 }, (_, at) => `north-${at}`);
  const many = experiment({
    gridVerticals,
    cells: gridVerticals.flatMap((vertical) => cells.map((cell) => ({ ...cell, vertical }))),
  });
  const said = flat(experimentText(many));
  assert.match(said, 'These are 6 of 18 pairs of task and vertical; --html, --markdown and --csv have all.');
  assert.not.match(said, 'late in north-7');
  assert.match(experimentPage(many, origin, { script: '', product: '' }), 'late in north-7');
});

text('masked shares are the least and the most of an arm', () => {
  assert.match(textOf(), /one head the teacher 0\.00 … 7\.00 0\.00/);
});

text('a teacher from elsewhere has no size and no cost', () => {
  const { teachers, transfer } = experiment();
  const said = textOf({
    teachers: teachers.map(({ model: _, ...rest }) => rest),
    transfer: transfer.map(({ parameters: _, flopsPerExample: __, ...rest }) => rest),
  });
  assert.match(said, 'From elsewhere: its logs of late were given');
  assert.not.match(said, 'teacher of size');
});

text('no line with figures says undefined or NaN', () => {
  const bare = experiment({
    freshness: [],
    transfer: [],
    claims: [],
    warnings: [],
    teachers: [],
    arms: experiment().arms.filter(({ isControl }) => !isControl),
  });
  for (const said of [experimentText(bare), experimentText(experiment())])
    assert.not.match(said, /undefined|NaN|Infinity/);
});

text.run();

const drawings = suite('reports: charts of an experiment');

const all = (xml: Xml): Xml[] => [xml, ...xml.children.flatMap(all)];
const marksIn = (svg: string) =>
  all(parseXml(svg)).filter(({ attributes }) => attributes.class?.split(' ')[0] === 'mark');

drawings('are well-formed, with names of their own', () => {
  const { charts, absent } = experimentCharts(experiment());
  assert.equal(absent, []);
  assert.equal(
    charts.map(({ id }) => id),
    ['gain-by-arm-1', 'gain-by-arm-2', 'ne-by-lag', 'over-time-1', 'over-time-2', 'transfer-by-size'],
  );
  for (const chart of charts) parseXml(standaloneSvg(chart));
});

drawings('the gains have a mark for each arm and age, and a whisker each', () => {
  const [chart] = experimentCharts(experiment()).charts;
  const students = experiment().cells.filter(
    ({ task, gain, vertical }) => task === 'late' && gain && vertical === 'north',
  );
  assert.is(marksIn(chart.svg).length, students.length);
  const whiskers = all(parseXml(chart.svg)).filter(({ attributes }) => attributes.class === 'whisker');
  assert.is(whiskers.length, students.length);
  assert.is(chart.table.rows.length, students.length);
});

drawings('a gain further right is better', () => {
  const [chart] = experimentCharts(experiment()).charts;
  const xOf = (start: string) => {
    const mark = marksIn(chart.svg).find(({ children }) => children[0].text.startsWith(start))!;
    return Number(/translate\(([\d.]+),/.exec(mark.attributes.transform)![1]);
  };
  assert.ok(xOf('AH, s = 0 d') > xOf('AH, s = 1 d'));
  assert.ok(xOf('AH, s = 7 d') > xOf('base, faster backbone'));
});

drawings('the teacher is drawn at each age, and its log against each vertical', () => {
  const chart = experimentCharts(experiment()).charts[2];
  assert.is(marksIn(chart.svg).length, 4 + 2 * 3);
});

drawings('a period without a figure breaks the line', () => {
  const cells = experiment().cells.map((cell) => ({
    ...cell,
    series: [cell.series[0], null, ...cell.series.slice(2)],
  }));
  const count = (result: ExperimentResult) => marksIn(experimentCharts(result).charts[3].svg).length;
  const [whole, broken] = [count(experiment()), count(experiment({ cells }))];
  assert.is(whole - broken, 1 + 6);
});

drawings('what cannot be drawn says why', () => {
  const { transfer, cells } = experiment();
  const { absent } = experimentCharts(
    experiment({
      freshness: [],
      transfer: transfer.filter(({ size }) => size === 1),
      cells: cells.filter(({ arm }) => arm === 'base').map((cell) => ({ ...cell, series: [0.9] })),
    }),
  );
  const reasons = absent.map(({ reason }) => reason).join('\n');
  for (const reason of [
    'no arm but the base',
    'not measured by its age',
    'fewer than two periods',
    'teachers of two sizes',
  ])
    assert.match(reasons, reason);
});

drawings.run();

const page = suite('reports: the page and files of an experiment');

const hostile = '</script><svg onload="x"> & | "quoted"';
const html = experimentPage(experiment({ question: hostile, warnings: [hostile] }), origin, {
  script: 'void 0',
  product: 'rankfleet 0',
});

page('asks nothing of any network and runs nothing but its own script', () => {
  assert.match(html, /Content-Security-Policy" content="default-src &#39;none&#39;; script-src &#39;sha256-/);
  assert.not.match(html, /(src|href)="(?!#)/);
  assert.is(html.split('<script>').length, 2);
  assert.not.match(html, /onload="x"/);
});

page('has the answer, the charts, every figure of the claims and the words that it uses', () => {
  for (const part of [
    'surely lowers the students’ NE in 38 of 42',
    'id="gain-by-arm-1"',
    'Every figure of the claims',
    'AUC less that of base',
    'its protocol tells what it was run with',
    'normalized entropy: the loss of predictions',
    'transfer ratio: the student’s gain',
    '0123456789abcdef',
  ])
    assert.ok(html.includes(part), part);
});

page('the document in Markdown has the same, and links to pictures', () => {
  const markdown = markdownReport({
    ...experimentParts(experiment(), origin),
    pictureOf: (id) => `pictures/${id}.svg`,
    product: 'rankfleet 0',
  });
  assert.match(markdown, '# Does one teacher help several students?');
  assert.match(markdown, '](pictures/ne-by-lag.svg)');
  assert.match(markdown, 'rankfleet distil delays.yaml');
});

page('tables of data are full of what they promise', () => {
  const rowsOf = (name: string) => [...experimentTables[name](experiment())!.rows()];
  const { cells } = experiment();
  assert.is(rowsOf('cells').length, cells.length);
  assert.is(rowsOf('seeds').length, 5 * cells.filter(({ gain }) => gain).length);
  assert.is(rowsOf('series').length, 4 * cells.length);
  assert.is(rowsOf('controls').length, 2 * 6 * 3);
  // Four figures, and the part that was not run.
  assert.is(rowsOf('claims').length, 5);
  assert.is(rowsOf('teachers').length, 5 * 3);
  assert.is(rowsOf('verticals').length, 3);
  assert.is(experimentTables.transfer(experiment({ transfer: [] })), undefined);
  for (const make of Object.values(experimentTables)) {
    const lines = [...csvOf(make(experiment())!)].join('').split('\n');
    assert.match(lines[0], /^experiment,product,key,/);
    assert.match(lines[1], /^delays,1\.2\.3,0123456789abcdef,/);
  }
});

page.run();
