import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { standaloneSvg } from '../../reports/charts/standalone-svg.ts';
import { scoreProgress } from '../../reports/search/score-progress.ts';
import { searchPage } from '../../reports/search/search-page.ts';
import type { SearchNode, SearchReport } from '../../reports/search/search-report.ts';
import { searchRoofline } from '../../reports/search/search-roofline.ts';
import { searchText } from '../../reports/search/search-text.ts';
import { searchTree } from '../../reports/search/search-tree.ts';
import { treeLayout } from '../../reports/search/tree-layout.ts';
import { parseXml, type Xml } from './charts/xml.ts';

const hostile = '</script><svg onload="x"> & "quoted"';

function node(id: number, parents: number[], generation: number, score: number): SearchNode {
  const failure = score === 0 ? { stage: 'compile', reason: hostile } : undefined;
  return {
    id,
    step: id - 1,
    parents,
    generation,
    score,
    failure,
    isDuplicate: id === 7,
    memory: 'both',
    rationale: hostile,
  };
}

/** Drafts 2 and 3, what came of them, a failure, a crossover and a duplicate. */
const nodes = [
  node(2, [1], 1, 0.8),
  node(3, [1], 1, 1.1),
  node(4, [3], 2, 0),
  node(5, [3], 2, 1.5),
  node(6, [2, 5], 3, 2),
  node(7, [5], 3, 1.5),
];

const speedup = { mean: 0.8, low: 0.7, high: 0.9 };
const row = { shape: 'rows 64', kind: undefined, kernelS: 1e-4, referenceS: 8e-5, speedup };

const report: SearchReport = {
  source: 'search',
  session: 1,
  task: { name: 'rows', title: hostile, source: 'a test', operator: 'softmax' },
  language: 'cuda',
  dataType: 'fp16',
  device: 'NVIDIA H200',
  reference: 'torch.compile',
  settings: [['policy', 'greedy']],
  ended: 'artifacts',
  nodes,
  root: 1,
  best: 6,
  kernel: { hash: '0123456789abcdef', knobs: [['TILE', 64]], file: 'search/kernel.cu' },
  summary: { evaluations: 5, buggyRate: 1 / 6, meetsReference: 0.8, target: 1.2, stepsToTarget: 4 },
  failures: [{ signature: 'compile: <path>', count: 1 }],
  cost: { busyDeviceHours: 0.1, heldDeviceHours: 0.4, agentHeldDeviceHours: 2 },
  artifactS: { writing: 0.1, compiling: 0.4, waiting: 1.5, waitingForOtherProcesses: 2, onDevice: 0.5 },
  utilisation: 0.25,
  timings: [{ ...row, eagerS: undefined, speedOfLight: 0.5, bytesPerS: 1e12, flopPerS: 2e12 }],
  roofs: undefined,
  dispatch: {
    rows: [{ ...row, isHeldOut: true, use: 'fallback', kernel: 'abcdef', reference: 'torch.compile' }],
    kinds: [{ kind: 'all', rows: 1, kernels: 0, speedup: 0.8, deployed: 1 }],
    counters: [{ kernel: 'c0ffee0123', shape: 'rows 64, n 128', inWords: 'device memory 80 %' }],
    uncounted: undefined,
    rejected: [{ node: 5, reason: 'over-fitted' }],
  },
  isOwed: false,
};

const tree = suite('reports: the graph of a search');

tree('every node stands below all that it came from, and none on another', () => {
  const { placed } = treeLayout(report);
  const rowOf = new Map(placed.map((one) => [one.node.id, one.row]));
  for (const { node: one, row: own } of placed) {
    for (const parent of one.parents) assert.ok((rowOf.get(parent) ?? 0) < own);
  }
  assert.is(new Set(placed.map(({ column, row: at }) => `${column} ${at}`)).size, nodes.length);
});

tree('is drawn with a mark for each artifact and an edge for each parent', () => {
  const svg = parseXml(standaloneSvg(searchTree(report)));
  const marks = all(svg).filter(({ attributes }) => attributes.class?.startsWith('mark'));
  assert.is(marks.length, nodes.length + 1);
  const edges = all(svg).filter(({ attributes }) => attributes.class?.startsWith('edge'));
  assert.is(edges.length, 7);
  assert.is(
    edges.filter(({ attributes }) => attributes.class.includes('note-line')).length,
    1,
    'second parents',
  );
  const best = marks.filter(({ attributes }) => attributes.class.includes('good'));
  assert.is(best.length, 1);
});

tree('of a search that has made nothing is the specification alone', () => {
  const svg = parseXml(standaloneSvg(searchTree({ ...report, nodes: [], best: undefined })));
  assert.is(all(svg).filter(({ attributes }) => attributes.class?.startsWith('mark')).length, 1);
});

tree.run();

const progress = suite('reports: the scores of a search');

progress('stand over whole steps', () => {
  const labels = all(parseXml(standaloneSvg(scoreProgress(report))))
    .filter(({ attributes }) => attributes.class === 'tick' && attributes['text-anchor'] === 'middle')
    .map(({ text }) => text);
  assert.equal(labels, ['0', '1', '2', '3', '4', '5', '6']);
});

progress.run();

const page = suite('reports: the page of a search');
const html = searchPage(report, { script: 'void 0', product: 'rankfleet 0' });

page('asks nothing of any network and runs nothing but its own script', () => {
  assert.match(html, /Content-Security-Policy" content="default-src &#39;none&#39;; script-src &#39;sha256-/);
  assert.not.match(html, /(src|href)="(?!#)/);
  assert.is(html.split('<script>').length, 2);
  assert.not.match(html, /onload="x"/);
});

page('says what was found, what falls back and what was turned down', () => {
  assert.match(html, /2\.00 times as fast as torch\.compile/);
  assert.match(html, /1 shape falls? back to the reference/);
  assert.match(html, /Node 5 was turned down: over-fitted/);
});

const roof = (value: number) => ({ value, evidence: 'datasheet', source: 'a sheet' }) as const;
const roofs = {
  device: 'h200-sxm',
  roofline: {
    unit: 'accelerator',
    peakFlopPerS: { fp16: roof(1e15) },
    memoryBytesPerS: roof(4e12),
  },
} as const;

page('shows the kernel under the roofs of its device, or says why it cannot', () => {
  assert.match(html, /the peaks of this device are not in the catalogue/);
  const chart = searchRoofline({ ...report, roofs });
  assert.ok('svg' in chart, JSON.stringify(chart));
  assert.match(chart.svg, /memory 4\.00 TB\/s/);
  const marks = all(parseXml(chart.svg)).filter(({ attributes }) =>
    /evidence-measured/.test(attributes.class ?? ''),
  );
  assert.is(marks.length, 1);
  assert.equal(chart.table.rows[0].slice(1), ['2.00', '1000', '2.00', '50.0 %']);
  assert.match(searchPage({ ...report, roofs }, { script: '', product: 'x' }), /id="search-roofline"/);
});

page('does not draw what has no arithmetic', () => {
  const chart = searchRoofline({ ...report, roofs, timings: [{ ...report.timings[0], flopPerS: 0 }] });
  assert.ok('reason' in chart && /no kernel with arithmetic/.test(chart.reason));
});

page.run();

const text = suite('reports: a search as text');

text('has the same answer, with its device time', () => {
  const said = searchText(report);
  assert.match(said, /2\.00 times as fast as torch\.compile/);
  assert.match(said, /evaluated for 6\.00 min of device time/);
  assert.match(said, /fallback/);
  const flat = said.replaceAll(/\s+/g, ' ');
  assert.match(flat, /Hardware counters of c0ffee01 on rows 64, n 128: device memory 80 %\./);
  assert.match(
    flat,
    /An artifact took 4\.50 s in the mean: 100 ms to be written, 400 ms to be compiled, 1\.50 s waiting for its turn, 2\.00 s for other processes, 500 ms on the device\./,
  );
});

text('says which kernel is the best, where it lies, and what is still to be done', () => {
  const said = (changes: Partial<SearchReport>) =>
    searchText({ ...report, ...changes }).replaceAll('\n', ' ');
  assert.match(said({}), /\(step 5\)\. It is 01234567 with TILE = 64, in search\/kernel\.cu\. /);
  const exported = { hash: '0123456789abcdef', knobs: [], file: undefined };
  assert.match(said({ kernel: exported }), /\. It is 01234567\. /);
  assert.match(said({ isOwed: true }), /not timed to the end yet: --resume does that first\./);
  assert.match(said({ ended: 'exhausted' }), /its operator had nothing new to try\./);
});

text('of a search without a right kernel says so', () => {
  const said = searchText({
    ...report,
    best: undefined,
    kernel: undefined,
    timings: [],
    dispatch: undefined,
  });
  assert.match(said, /No right kernel for rows .* was found/);
});

text.run();

function all(xml: Xml): Xml[] {
  return [xml, ...xml.children.flatMap(all)];
}
