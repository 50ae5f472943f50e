import { InputError } from '../../foundation/problem.ts';
import { writeDeployment } from '../deploy/deployment.ts';
import { readJson } from '../json-file.ts';
import { hashOf } from './artifacts.ts';
import { importClaim } from './claims.ts';
import type { Database } from './database.ts';
import { type ExportedNode, type ExportedSearch, exportSchema } from './export-schema.ts';
import { insertNode } from './nodes.ts';
import { insertRun } from './runs.ts';
import { insertSession, markEnded } from './sessions.ts';
import { insertSkill } from './skills.ts';
import { SearchStore } from './store.ts';

/** Reads an exported search. @throws InputError that says where the file is wrong */
export function readExport(file: string): ExportedSearch {
  // The schema leaves data of operators and devices as it is; the types say more about it.
  return readJson(file, exportSchema) as unknown as ExportedSearch;
}

/**
 * Makes the folder of a search from an exported one. Statistics and the change log are worked out anew from the nodes.
 * @param name of the file, for what is said about it
 * @throws InputError when the folder holds a search, or the nodes contradict each other
 */
export async function importSearch(
  search: ExportedSearch,
  folder: string,
  name: string,
): Promise<SearchStore> {
  checkArtifacts(search, name);
  checkDeployments(search, name);
  const store = await SearchStore.open(folder);
  try {
    if (store.sessions().length > 0) {
      throw new InputError(`${folder} already holds a search: choose another folder`);
    }
    for (const artifact of Object.values(search.artifacts)) store.artifacts.put(artifact);
    store.database.transaction(() => insertAll(store.database, search, name));
    for (const deployment of search.deployments ?? []) writeDeployment(store, deployment);
  } catch (error) {
    store.close();
    throw error;
  }
  return store;
}

function checkArtifacts({ artifacts, nodes, claims }: ExportedSearch, file: string): void {
  for (const [hash, artifact] of Object.entries(artifacts)) {
    if (hashOf(artifact) === hash) continue;
    throw new InputError([{ file, path: `artifacts.${hash}`, message: 'has another hash: it was changed' }]);
  }
  for (const { artifact } of [...nodes, ...claims]) {
    if (artifact === undefined || Object.hasOwn(artifacts, artifact)) continue;
    throw new InputError([{ file, message: `has no artifact ${artifact}, which one of its nodes names` }]);
  }
}

function checkDeployments({ deployments = [], sessions, artifacts }: ExportedSearch, file: string): void {
  for (const [index, { session, rows }] of deployments.entries()) {
    const wrong = (message: string) => new InputError([{ file, path: `deployments[${index}]`, message }]);
    if (!sessions.some(({ id }) => id === session)) {
      throw wrong(`belongs to session ${session}, which is not there`);
    }
    const missing = rows.find(({ kernel }) => !Object.hasOwn(artifacts, kernel));
    if (missing) throw wrong(`has no artifact ${missing.kernel}, which one of its rows names`);
  }
}

function insertAll(database: Database, search: ExportedSearch, file: string): void {
  const { sessions, nodes, claims, runs, skills } = search;
  for (const [index, node] of nodes.entries()) {
    const wrong = (message: string) => new InputError([{ file, path: `nodes[${index}]`, message }]);
    const place = insertOne(database, sessions, node, wrong);
    if (place.id !== node.id || place.step !== node.step) {
      throw wrong(`does not follow on the nodes before it: expected id ${place.id}, step ${place.step}`);
    }
  }
  for (const { session, ...claim } of claims) importClaim(database, session, claim);
  for (const { id, expansions, ended } of sessions) {
    database.run('UPDATE sessions SET expansions = ? WHERE id = ?', expansions, id);
    markEnded(database, id, ended);
  }
  for (const run of runs) insertRun(database, { ...run, worker: 'imported' });
  for (const skill of skills) insertSkill(database, skill);
}

/** Where the node came to stand. */
function insertOne(
  database: Database,
  sessions: ExportedSearch['sessions'],
  node: ExportedNode,
  wrong: (message: string) => InputError,
): { id: number; step: number } {
  if (node.step === 0) {
    const session = sessions.find(({ id }) => id === node.session);
    if (!session) throw wrong(`belongs to session ${node.session}, which is not there`);
    const entered = insertSession(database, session, session.begunAt);
    if (entered !== session.id) throw wrong(`stands where session ${entered} should begin`);
    const root = database.first('SELECT root FROM sessions WHERE id = ?', entered)?.root;
    return { id: Number(root), step: 0 };
  }
  const known = database.all(
    'SELECT id FROM nodes WHERE session = ? AND id IN (SELECT value FROM json_each(?))',
    node.session,
    JSON.stringify(node.parents),
  );
  if (node.parents.length === 0 || known.length < new Set(node.parents).size) {
    throw wrong('comes from nodes that are not there');
  }
  const { transcript, injections = [], artifact, duplicateOf, evaluation } = node;
  if (!evaluation) throw wrong('has no evaluation');
  return insertNode(database, node.session, {
    ...node,
    artifact,
    duplicateOf,
    evaluation,
    score: evaluation.score,
    failure: evaluation.failure,
    injections,
    ...(transcript && { transcript }),
  });
}
