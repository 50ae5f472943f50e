import { countersInWords } from '../../evolve/counters.ts';
import type { Deployment } from '../../evolve/deploy/deployment.ts';
import { artifactSeconds, busyShare, searchCost } from '../../evolve/deploy/search-cost.ts';
import { referencesOf, type ShapeTiming } from '../../evolve/evaluation.ts';
import { graphNodeOf } from '../../evolve/replay/replay.ts';
import { KnobError, knobsOf } from '../../evolve/source/knobs.ts';
import type { ExportedNode, ExportedSearch } from '../../evolve/storage/export-schema.ts';
import { summarise } from '../../evolve/summary.ts';
import { catalogueNames, loadDevice } from '../../hardware-profiles/files.ts';
import type { Shape } from '../../hardware-profiles/operators-measured.ts';
import { deviceName } from '../../harness/device-names.ts';
import type { DispatchReport, SearchReport, ShapeRow } from '../../reports/search/search-report.ts';

/** Score whose first appearance is reported, as the published comparisons of searches do. */
export const usualTarget = 1.2;

/** What is known of a search beside its data. */
export interface ReportContext {
  /** As the user named it. */
  source: string;
  /** Where a source lies. */
  fileOf?: ((hash: string) => string) | undefined;
  /** Whether its kernels are still to be timed to the end. */
  isOwed?: boolean;
  target?: number;
}

/** One session of a search as reports show it. */
export function searchReportOf(
  search: ExportedSearch,
  session: ExportedSearch['sessions'][number],
  { source, fileOf, isOwed = false, target = usualTarget }: ReportContext,
): SearchReport {
  const { task, settings, device } = session;
  const [root, ...stored] = search.nodes.filter((node) => node.session === session.id);
  const runs = search.runs.filter((run) => run.session === session.id);
  const deployment = search.deployments?.find((one) => one.session === session.id);
  const cost = searchCost(device, runs, stored);
  const nodes = stored.map(graphNodeOf);
  const correct = nodes.filter(({ failure, score }) => !failure && score > 0);
  const best = correct.reduce(
    (a, b) => (b.score > (a?.score ?? 0) ? b : a),
    correct[0] as (typeof correct)[number] | undefined,
  );
  const evaluation = stored.find(({ id }) => id === best?.id)?.evaluation;
  const { evaluations, buggyRate, meetsReference, stepsToTarget } = summarise(nodes, target);
  return {
    source,
    session: session.id,
    task: { name: task.name, title: task.title, source: task.source, operator: task.operator },
    language: settings.language,
    dataType: settings.dataType,
    device: device.name,
    reference: evaluation ? referencesOf(evaluation) : 'the reference',
    settings: settingsOf(settings),
    ended: session.ended,
    root: root.id,
    best: best?.id,
    kernel: kernelOf(search, best?.artifact, fileOf),
    nodes: nodes.map(({ duplicateOf, ...node }) => ({ ...node, isDuplicate: duplicateOf !== undefined })),
    summary: { evaluations, buggyRate, meetsReference, target, stepsToTarget },
    failures: failuresOf(stored),
    cost,
    artifactS: artifactSeconds(stored),
    utilisation: busyShare(cost),
    timings: (evaluation?.timings ?? []).map((timing) => shapeRow(timing, kindIn(task.search, timing.shape))),
    roofs: roofsOf(device.name),
    dispatch: deployment && dispatchOf(deployment),
    isOwed,
  };
}

function kernelOf(
  { artifacts }: ExportedSearch,
  hash: string | undefined,
  fileOf: ReportContext['fileOf'],
): SearchReport['kernel'] {
  if (hash === undefined) return undefined;
  return { hash, knobs: knobsIn(artifacts[hash].text), file: fileOf?.(hash) };
}

/** None where a source was written with lines that make no sense as knobs: it runs all the same. */
function knobsIn(text: string): NonNullable<SearchReport['kernel']>['knobs'] {
  try {
    return knobsOf(text).map(({ name, value }) => [name, value] as const);
  } catch (error) {
    if (!(error instanceof KnobError)) throw error;
    return [];
  }
}

/** `batch 1024, vectors 24`. */
export function shapeInWords(shape: Shape): string {
  return Object.entries(shape)
    .map(([axis, size]) => `${axis} ${size}`)
    .join(', ');
}

/** The datasheet's peaks of an accelerator, as the catalogue has them; a CPU's depend on the part that a process has. */
function roofsOf(reported: string): SearchReport['roofs'] {
  const name = deviceName(reported);
  if (!catalogueNames('devices').includes(name)) return undefined;
  const { kind, peakFlopPerS, memory } = loadDevice(name);
  if (kind === 'cpu') return undefined;
  return {
    device: name,
    roofline: {
      unit: 'accelerator',
      peakFlopPerS: { ...peakFlopPerS },
      memoryBytesPerS: memory.bandwidthBytesPerS,
    },
  };
}

function settingsOf({
  policy,
  operator,
  memory,
  seed,
  reuseRate,
}: ExportedSearch['sessions'][number]['settings']) {
  const options = Object.entries(policy.options).map(([name, value]) => `${name} ${value}`);
  return [
    ['policy', [policy.name, ...options].join(', ')],
    ['operator', operator],
    ['memory', memory],
    ['seed', String(seed)],
    ['share of expansions that see earlier searches', String(reuseRate)],
  ] as const;
}

function kindIn(shapes: readonly { shape: Shape; kind?: string }[], shape: Shape): string | undefined {
  return shapes.find((each) => Object.keys(shape).every((axis) => each.shape[axis] === shape[axis]))?.kind;
}

function shapeRow(timing: ShapeTiming, kind: string | undefined): ShapeRow {
  const { shape, candidateS, referenceS, speedup, eagerS, speedOfLight } = timing;
  return {
    shape: shapeInWords(shape),
    kind,
    kernelS: candidateS,
    referenceS,
    speedup,
    eagerS,
    speedOfLight,
    bytesPerS: timing.achievedBytesPerS,
    flopPerS: timing.achievedFlopPerS,
  };
}

/** The same failures counted, the most frequent first. */
function failuresOf(nodes: readonly ExportedNode[]): SearchReport['failures'] {
  const counts = new Map<string, number>();
  for (const { evaluation } of nodes) {
    const signature = evaluation?.failure?.signature;
    if (signature !== undefined) counts.set(signature, (counts.get(signature) ?? 0) + 1);
  }
  return [...counts].map(([signature, count]) => ({ signature, count })).sort((a, b) => b.count - a.count);
}

function dispatchOf({ rows, kinds, rejected, counters = [], uncounted }: Deployment): DispatchReport {
  return {
    rows: rows.map(({ shape, kind, ...row }) => ({ ...row, shape: shapeInWords(shape), kind })),
    kinds,
    rejected,
    counters: counters.map(({ kernel, shape, counters: counted }) => ({
      kernel,
      shape: shapeInWords(shape),
      inWords: countersInWords(counted),
    })),
    uncounted,
  };
}
