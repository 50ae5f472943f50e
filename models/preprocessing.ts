import type { SourceDocument } from '../foundation/document.ts';
import { InputError } from '../foundation/problem.ts';
import type { Affine, DenseOperator, PreprocessingOperator } from './model.ts';
import { addAffine, affine, atCandidates, scaleAffine } from './operators.ts';
import type { PreprocessingFile } from './schema-preprocessing.ts';

/** Bytes of a raw id or event, and of a dense value, a bucket or a row of a table. */
const idBytes = 8;
const valueBytes = 4;

/** Integer steps of one hash, as the measured operator counts them. */
const hashSteps = 8;

/**
 * The preprocessing of a model file.
 * @throws InputError, located, for names that repeat, operators without values, histories that are kept longer than
 *   they are
 */
export function resolvePreprocessing(
  entries: readonly PreprocessingFile[],
  document: SourceDocument,
): PreprocessingOperator[] {
  const fail = (index: number, key: string, message: string) => {
    throw new InputError([document.problemAt(['preprocessing', index, key], message)]);
  };
  const names = namesOf(entries);
  return entries.map((entry, index) => {
    if (names.indexOf(names[index]) !== index)
      fail(index, 'name', `a second operator named '${names[index]}'`);
    if (entry.operator === 'batch-event-truncate') {
      if (entry.max_events > entry.events) {
        fail(index, 'max_events', `more than the ${entry.events} events that there are`);
      }
    } else if (!entry.values_per_user && !entry.values_per_candidate) {
      fail(index, 'operator', 'needs values_per_user or values_per_candidate above 0');
    }
    return operatorOf(entry, names[index]);
  });
}

/** Given names, or the operator: numbered where several of a kind have none. */
function namesOf(entries: readonly PreprocessingFile[]): string[] {
  const unnamed = (operator: string) =>
    entries.filter((entry) => entry.operator === operator && entry.name === undefined);
  return entries.map((entry) => {
    if (entry.name !== undefined) return entry.name;
    const alike = unnamed(entry.operator);
    return alike.length === 1 ? entry.operator : `${entry.operator}-${alike.indexOf(entry)}`;
  });
}

/** What one value takes, and what a launch reads once whatever its values. */
interface ValueCost {
  inBytes: number;
  outBytes: number;
  /** Of each feature. */
  tableBytes: number;
  shape: Record<string, number>;
}

function operatorOf(entry: PreprocessingFile, name: string): PreprocessingOperator {
  const { features, fused } = entry;
  const launches = fused ? 1 : features;
  const values = valuesOfFile(entry);
  const { inBytes, outBytes, tableBytes, shape } = costOf(entry);
  const sharedBytes = (tableBytes * features) / launches;
  const perLaunch = scaleAffine(values, 1 / launches);
  return {
    name,
    kind: entry.operator,
    dataType: 'fp32',
    stage: 'before',
    level: values.perCandidate > 0 ? 'candidate' : 'user',
    flops: scaleAffine(perLaunch, stepsPerValue(entry.operator, shape)),
    bytes: addAffine(scaleAffine(perLaunch, inBytes + outBytes), affine(sharedBytes, 0)),
    parameters: 0,
    sharedBytes,
    shape,
    launches,
    inputBytes: scaleAffine(values, inBytes),
    outputBytes: scaleAffine(values, outBytes),
  };
}

/** Values that go in, of all features. */
function valuesOfFile(entry: PreprocessingFile): Affine {
  if (entry.operator === 'batch-event-truncate') {
    const events = entry.features * entry.events;
    return entry.level === 'user' ? affine(events, 0) : affine(0, events);
  }
  const { features, values_per_user: user = 0, values_per_candidate: candidate = 0 } = entry;
  return affine(features * user, features * candidate);
}

function costOf(entry: PreprocessingFile): ValueCost {
  const dense = { inBytes: valueBytes, outBytes: valueBytes };
  switch (entry.operator) {
    case 'bucketise': {
      const { boundaries } = entry;
      return { ...dense, tableBytes: valueBytes * boundaries, shape: { boundaries } };
    }
    case 'merge-bucketised-dense': {
      const { borders } = entry;
      return { ...dense, tableBytes: valueBytes * borders, shape: { borders } };
    }
    case 'hash':
      return { ...dense, tableBytes: 0, shape: { rows: entry.rows } };
    case 'elementwise': {
      const { inputs } = entry;
      return { ...dense, inBytes: valueBytes * inputs, tableBytes: 0, shape: { n: 1, inputs } };
    }
    case 'map-id': {
      const { table_ids: ids } = entry;
      return { inBytes: idBytes, outBytes: valueBytes, tableBytes: idBytes * ids, shape: { ids } };
    }
    case 'batch-event-truncate': {
      const { events, max_events: kept } = entry;
      return {
        inBytes: idBytes,
        outBytes: (idBytes * kept) / events,
        tableBytes: 0,
        shape: { events, kept },
      };
    }
  }
}

/**
 * Steps (comparisons, integer operations) that one value takes: a binary search among boundaries or known ids, of
 * which the second also clamps and compares; a comparison with every border; one for each event.
 */
export function stepsPerValue(kind: PreprocessingOperator['kind'], shape: Record<string, number>): number {
  switch (kind) {
    case 'bucketise':
      return Math.log2(shape.boundaries + 1);
    case 'map-id':
      return Math.log2(shape.ids + 1) + 2;
    case 'merge-bucketised-dense':
      return shape.borders + 1;
    case 'hash':
      return hashSteps;
    case 'elementwise':
      return shape.inputs - 1;
    case 'batch-event-truncate':
      return 1;
  }
}

/** Values that one launch of a preprocessing operator transforms for a batch. */
export function valuesOf({ kind, flops, shape }: DenseOperator, candidates: number): number {
  return atCandidates(flops, candidates) / stepsPerValue(kind as PreprocessingOperator['kind'], shape);
}
