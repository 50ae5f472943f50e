import type { InputDifference } from './comparison-result.ts';
import type { DescribedArm, DescribedModel } from './described-arm.ts';
import { cores, differingPaths, fieldsOf } from './fields.ts';
import { differingTexts } from './value-text.ts';

/** What two arms were asked differently, by field of a scenario, with what differs inside of models and profiles. */
export function inputDifferences(a: DescribedArm, b: DescribedArm): InputDifference[] {
  const [ofA, ofB] = fieldsOf(a, b);
  return differingPaths(ofA, ofB).map((path) => {
    const [from, to] = [ofA.get(path), ofB.get(path)];
    if (path === 'model') {
      return { path, ...differingTexts(path, from, to), details: modelDetails(a.model, b.model) };
    }
    if (path.endsWith('.host')) {
      const tier = path === 'fleet.main.host' ? 'main' : 'sparse';
      const workers =
        ofA.has(`fleet.${tier}.workers`) || cores(a[tier]) === cores(b[tier])
          ? []
          : [detail('workers, one per core', cores(a[tier]), cores(b[tier]))];
      return {
        path,
        ...differingTexts(path, from, to),
        details: [...workers, ...profileDetails(from, to)],
      };
    }
    if (path === 'fleet.network') {
      return { path, ...differingTexts(path, from, to), details: profileDetails(from, to) };
    }
    return narrowed(path, from, to);
  });
}

function detail(path: string, a: unknown, b: unknown) {
  return { path, ...differingTexts(path, a, b) };
}

/** A mapping of one kind in which a single field differs is told by that field: load.arrivals.rate. */
function narrowed(path: string, a: unknown, b: unknown): InputDifference {
  const isMapping = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (isMapping(a) && isMapping(b)) {
    const keys = differingPaths(new Map(Object.entries(a)), new Map(Object.entries(b)));
    const [key] = keys;
    if (keys.length === 1 && key !== 'kind') {
      const inner = `${path}.${key}`;
      if (key !== 'trace') return { path: inner, ...differingTexts(inner, a[key], b[key]), details: [] };
      return { path, ...differingTexts(path, a, b), details: traceDetails(a.trace, b.trace) };
    }
  }
  return { path, ...differingTexts(path, a, b), details: [] };
}

function traceDetails(a: unknown, b: unknown) {
  const [from, to] = [a, b].map((trace) => (trace ?? {}) as { requests?: unknown });
  return from.requests === to.requests ? [] : [detail('requests recorded', from.requests, to.requests)];
}

/** Figures of a host or a network that differ; what it says of itself, and where figures come from, is none. */
function profileDetails(a: unknown, b: unknown): InputDifference['details'] {
  const [ofA, ofB] = [a, b].map((profile) => new Map(leaves(profile, [])));
  const depth = (path: string) => path.split('.').length;
  return differingPaths(ofA, ofB)
    .sort((x, y) => depth(x) - depth(y))
    .map((path) => detail(path, ofA.get(path), ofB.get(path)));
}

const asides = new Set(['description', 'source', 'evidence', 'name']);

function leaves(value: unknown, path: string[]): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return [[path.join('.'), value]];
  const { name, value: figure, evidence } = value as Record<string, unknown>;
  if (typeof figure === 'number' && evidence !== undefined) return [[path.join('.'), figure]];
  const own: [string, unknown][] =
    path.length > 0 && typeof name === 'string' ? [[path.join('.'), name]] : [];
  const inner = Object.entries(value)
    .filter(([key]) => !asides.has(key))
    .flatMap(([key, item]) => leaves(item, [...path, key]));
  return [...own, ...inner];
}

/** A model in a few figures; where those agree although the models do not, how much of them differs. */
function modelDetails(a: DescribedModel, b: DescribedModel): InputDifference['details'] {
  const [ofA, ofB] = [a, b].map(modelFigures);
  const told = differingPaths(ofA, ofB).map((path) => detail(path, ofA.get(path), ofB.get(path)));
  return told.length > 0 ? told : contentDetails(a, b);
}

function modelFigures({ nets }: DescribedModel): Map<string, unknown> {
  const tables = nets.flatMap((net) => net.tables);
  const operators = nets.flatMap((net) => net.operators);
  const types = (parts: { dataType: string }[]) => [...new Set(parts.map(({ dataType }) => dataType))].sort();
  const rows = (wanted: string) =>
    tables
      .filter(({ level }) => level === wanted)
      .reduce((sum, { poolingFactor, presence }) => sum + poolingFactor * presence, 0);
  const flops = (part: 'fixed' | 'perCandidate') =>
    operators.reduce((sum, operator) => sum + operator.flops[part], 0);
  return new Map<string, unknown>([
    ['nets', nets.length],
    ['tables', tables.length],
    ['tableBytes', tables.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)],
    ['table types', types(tables)],
    ['rows looked up per candidate', rows('candidate')],
    ['rows looked up per user', rows('user')],
    ['dense operators', operators.length],
    ['dense types', types(operators)],
    ['per candidate, flops', flops('perCandidate')],
    ['per batch, flops', flops('fixed')],
  ]);
}

function contentDetails(a: DescribedModel, b: DescribedModel): InputDifference['details'] {
  const parts = ({ nets }: DescribedModel) =>
    new Map(
      nets.flatMap(({ tables, operators }, net) =>
        [...tables, ...operators].map((part, index): [string, unknown] => [`${net}.${index}`, part]),
      ),
    );
  const [ofA, ofB] = [a, b].map(parts);
  const count = differingPaths(ofA, ofB).length;
  const same = `${ofA.size} tables and operators`;
  return count === 0 ? [] : [{ path: 'content', a: same, b: `${count} of them differ` }];
}
