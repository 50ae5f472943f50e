import { orWriteError, writeWhole } from '../../foundation/files.ts';
import type { Artifact } from '../artifact.ts';
import { readDeployment } from '../deploy/deployment.ts';
import { openClaims } from './claims.ts';
import type { Database, Row } from './database.ts';
import type { ExportedNode, ExportedSearch } from './export-schema.ts';
import { readRuns } from './runs.ts';
import type { Session } from './sessions.ts';
import { readSkills } from './skills.ts';
import type { SearchStore } from './store.ts';

/**
 * Everything that a search knows, in an order that depends on nothing else. One snapshot: no half nodes.
 * @throws InputError for a damaged dispatch table
 */
export function exportSearch(store: SearchStore): ExportedSearch {
  const { database } = store;
  return database.snapshot(() => {
    const sessions = store.sessions();
    const nodes = exportedNodes(database);
    const deployments = sessions.flatMap(({ id }) => readDeployment(store.folder, id) ?? []);
    const claims = sessions.flatMap(({ id: session }) =>
      openClaims(database, session).map(({ choice, artifact, generated }) => ({
        session,
        choice,
        ...(artifact !== undefined && { artifact }),
        ...(generated && { generated }),
      })),
    );
    return {
      format: 'rankfleet-search',
      version: 1,
      sessions: sessions.map(({ root, step, ended, ...session }) => ({
        ...session,
        ...(ended && { ended }),
      })),
      nodes,
      claims,
      runs: sessions.flatMap(({ id }) => readRuns(database, id)).map(({ worker, ...run }) => run),
      skills: readSkills(database).map(({ node, ...skill }) => ({ ...skill, ...(node && { node }) })),
      artifacts: exportedArtifacts(store, sessions, [...nodes, ...claims]),
      ...(deployments.length > 0 && { deployments }),
    };
  });
}

/** As JSON, one row a line, so that a version control shows what was added. */
export function exportText(search: ExportedSearch): string {
  const parts = Object.entries(search).map(([name, value]) => `${JSON.stringify(name)}: ${lines(value)}`);
  return `{\n${parts.join(',\n')}\n}\n`;
}

export function writeExport(file: string, search: ExportedSearch): void {
  orWriteError(file, () => writeWhole(file, exportText(search)));
}

function lines(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  const rows = Array.isArray(value)
    ? value.map((row) => JSON.stringify(row))
    : Object.entries(value).map(([key, row]) => `${JSON.stringify(key)}: ${JSON.stringify(row)}`);
  return rows.length === 0 ? `${open}${close}` : `${open}\n${rows.join(',\n')}\n${close}`;
}

function exportedNodes(database: Database): ExportedNode[] {
  const injections = new Map<number, NonNullable<ExportedNode['injections']>>();
  for (const row of database.all('SELECT * FROM injections ORDER BY node, position')) {
    const { origin, similarity, score } = row;
    const known = injections.get(Number(row.node)) ?? [];
    known.push({ origin: String(origin), similarity: Number(similarity), score: Number(score) });
    injections.set(Number(row.node), known);
  }
  return database
    .all(
      `SELECT n.*, t.messages, t.prompt_tokens, t.completion_tokens,
         (SELECT json_group_array(parent ORDER BY position) FROM edges WHERE child = n.id) AS parents
       FROM nodes n LEFT JOIN transcripts t ON t.node = n.id ORDER BY n.id`,
    )
    .map((row) => exportedNode(row, injections.get(Number(row.id))));
}

function exportedNode(row: Row, injections: ExportedNode['injections']): ExportedNode {
  const { artifact, duplicate_of: duplicateOf, evaluation, messages } = row;
  return {
    id: Number(row.id),
    session: Number(row.session),
    step: Number(row.step),
    ordinal: Number(row.ordinal),
    parents: JSON.parse(String(row.parents)),
    ...(artifact !== null && { artifact: String(artifact) }),
    ...(duplicateOf !== null && { duplicateOf: Number(duplicateOf) }),
    ...(evaluation !== null && { evaluation: JSON.parse(String(evaluation)) }),
    memory: row.memory as ExportedNode['memory'],
    rationale: String(row.rationale),
    generation: Number(row.generation),
    island: Number(row.island),
    seenStep: Number(row.seen_step),
    generationS: Number(row.generation_s),
    heldS: Number(row.held_s),
    madeAt: Number(row.made_at),
    ...(messages !== null && {
      transcript: {
        messages: JSON.parse(String(messages)),
        tokens: { prompt: Number(row.prompt_tokens), completion: Number(row.completion_tokens) },
      },
    }),
    ...(injections && { injections }),
  };
}

function exportedArtifacts(
  { artifacts }: SearchStore,
  sessions: readonly Session[],
  named: readonly { session: number; artifact?: string | undefined }[],
): ExportedSearch['artifacts'] {
  const languages = new Map(sessions.map(({ id, settings }) => [id, settings.language]));
  const known = new Map<string, Artifact>();
  for (const { session, artifact } of named) {
    const language = languages.get(session);
    if (artifact !== undefined && language && !known.has(artifact)) {
      known.set(artifact, artifacts.get(artifact, language));
    }
  }
  return Object.fromEntries([...known].sort(([a], [b]) => (a < b ? -1 : 1)));
}
