import type { Evaluation } from '../evaluation.ts';
import type { Injection } from '../expansion.ts';
import { type GraphNode, mayBeBuiltOn } from '../graph.ts';
import type { MemoryKind, Transformed } from '../operator.ts';
import { type Database, nextId, type Row, type Value } from './database.ts';
import { countIn } from './statistics.ts';

/** All that is kept of a node beside its place in the graph. */
export interface NodeRecord extends Omit<GraphNode, 'id' | 'step'> {
  evaluation: Evaluation;
  /** Step of the graph that its parents were chosen from. */
  seenStep: number;
  transcript?: Transformed['transcript'];
  injections: readonly Injection[];
  /** Seconds that the operator took, and that a device was held. */
  generationS: number;
  heldS: number;
  /** Seconds since 1970. */
  madeAt: number;
}

/** The specification of a session, from which drafts come. */
export function insertRoot(database: Database, session: number, nowS: number): number {
  const id = nextId(database, 'nodes');
  insertRow(database, id, session, 0, {
    ordinal: -1,
    artifact: null,
    score: 0,
    failure: undefined,
    stage: 'specification',
    duplicateOf: undefined,
    evaluation: null,
    memory: 'none',
    rationale: 'specification',
    generation: 0,
    island: 0,
    seenStep: 0,
    generationS: 0,
    heldS: 0,
    madeAt: nowS,
  });
  countIn(database, session, { id, step: 0, score: 0, parents: [], isLeaf: false });
  return id;
}

/**
 * Adds the next node of a session with all that changes by it. To be called in a transaction.
 * @returns it, as it stands in the graph
 */
export function insertNode(database: Database, session: number, record: NodeRecord): GraphNode {
  const { parents, score, failure, artifact } = record;
  if (!Number.isFinite(score) || score < 0 || (failure && score > 0)) {
    throw new Error(`a score of ${score} is none: it must be a finite number, and 0 on a failure`);
  }
  const id = nextId(database, 'nodes');
  database.run('UPDATE sessions SET step = step + 1 WHERE id = ?', session);
  const step = Number(database.first('SELECT step FROM sessions WHERE id = ?', session)?.step);
  insertRow(database, id, session, step, {
    ...record,
    artifact: artifact ?? null,
    stage: failure?.stage ?? 'scored',
    evaluation: JSON.stringify(record.evaluation),
  });
  for (const [position, parent] of parents.entries()) {
    database.run('INSERT INTO edges VALUES (?, ?, ?)', id, position, parent);
  }
  const node = graphNode(id, step, record);
  countIn(database, session, { id, step, score, parents, isLeaf: mayBeBuiltOn(node) });
  keepProvenance(database, id, record);
  return node;
}

function graphNode(id: number, step: number, record: NodeRecord): GraphNode {
  const { ordinal, parents, artifact, score, failure, duplicateOf, generation, island, memory, rationale } =
    record;
  return {
    id,
    step,
    ordinal,
    parents,
    artifact,
    score,
    failure: failure && {
      stage: failure.stage,
      signature: failure.signature,
      reason: failure.reason,
    },
    duplicateOf,
    generation,
    island,
    memory,
    rationale,
  };
}

type RowFields = Pick<
  NodeRecord,
  | 'ordinal'
  | 'score'
  | 'failure'
  | 'duplicateOf'
  | 'memory'
  | 'rationale'
  | 'generation'
  | 'island'
  | 'seenStep'
  | 'generationS'
  | 'heldS'
  | 'madeAt'
> & { artifact: string | null; stage: string; evaluation: string | null };

function insertRow(database: Database, id: number, session: number, step: number, fields: RowFields): void {
  database.run(
    'INSERT INTO nodes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    id,
    session,
    step,
    fields.ordinal,
    fields.artifact,
    fields.score,
    fields.failure ? 1 : 0,
    fields.stage,
    fields.failure?.signature ?? null,
    fields.duplicateOf ?? null,
    fields.evaluation,
    fields.memory,
    fields.rationale,
    fields.generation,
    fields.island,
    fields.seenStep,
    fields.generationS,
    fields.heldS,
    fields.madeAt,
  );
}

function keepProvenance(database: Database, node: number, { transcript, injections }: NodeRecord): void {
  if (transcript) {
    database.run(
      'INSERT INTO transcripts VALUES (?, ?, ?, ?)',
      node,
      JSON.stringify(transcript.messages),
      transcript.tokens.prompt,
      transcript.tokens.completion,
    );
  }
  for (const [position, { origin, similarity, score }] of injections.entries()) {
    database.run('INSERT INTO injections VALUES (?, ?, ?, ?, ?)', node, position, origin, similarity, score);
  }
}

/** Nodes of a session from a step on, in the order of their steps. */
export function readNodes(database: Database, session: number, fromStep: number): GraphNode[] {
  return selectNodes(database, 'n.session = ? AND n.step >= ? ORDER BY n.step', session, fromStep);
}

/** Nodes, called `n`, that fulfil a condition, which may go on with an order and a limit. */
export function selectNodes(database: Database, condition: string, ...values: Value[]): GraphNode[] {
  return database
    .all(
      `SELECT n.id, n.step, n.ordinal, n.artifact, n.score, n.stage, n.signature, n.duplicate_of, n.generation, n.island,
         n.memory, n.rationale, n.evaluation ->> '$.failure.reason' AS reason,
         (SELECT json_group_array(parent ORDER BY position) FROM edges WHERE child = n.id) AS parents
       FROM nodes n WHERE ${condition}`,
      ...values,
    )
    .map(nodeOf);
}

function nodeOf(row: Row): GraphNode {
  const { signature, artifact, duplicate_of: duplicateOf } = row;
  return {
    id: Number(row.id),
    step: Number(row.step),
    ordinal: Number(row.ordinal),
    parents: JSON.parse(String(row.parents)),
    artifact: artifact === null ? undefined : String(artifact),
    score: Number(row.score),
    failure:
      signature === null
        ? undefined
        : {
            stage: row.stage as NonNullable<GraphNode['failure']>['stage'],
            signature: String(signature),
            reason: String(row.reason),
          },
    duplicateOf: duplicateOf === null ? undefined : Number(duplicateOf),
    generation: Number(row.generation),
    island: Number(row.island),
    memory: row.memory as MemoryKind,
    rationale: String(row.rationale),
  };
}
