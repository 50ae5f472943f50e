import { InputError } from '../../foundation/problem.ts';
import { writeDeployment } from '../deploy/deployment.ts';
import { readJson } from '../json-file.ts';
import { checkExport } from './check-export.ts';
import { importClaim } from './claims.ts';
import type { Database } from './database.ts';
import { type ExportedNode, type ExportedSearch, exportSchema } from './export-schema.ts';
import { insertNode } from './nodes.ts';
import { insertRun } from './runs.ts';
import { insertSession, markEnded } from './sessions.ts';
import { insertSkill } from './skills.ts';
import { SearchStore } from './store.ts';

/** Reads an exported search. @throws InputError that says where the file is wrong, or its parts do not fit together */
export function readExport(file: string): ExportedSearch {
  // The schema leaves data of operators and devices as it is; the types say more about it.
  const search = readJson(file, exportSchema) as unknown as ExportedSearch;
  checkExport(search, file);
  return search;
}

/**
 * Makes the folder of a search from an exported one. Statistics and the change log are worked out anew from the nodes.
 * @throws InputError when the folder holds a search
 */
export async function importSearch(search: ExportedSearch, folder: string): Promise<SearchStore> {
  const store = await SearchStore.open(folder);
  try {
    if (store.sessions().length > 0) {
      throw new InputError(`${folder} already holds a search: choose another folder`);
    }
    for (const artifact of Object.values(search.artifacts)) store.artifacts.put(artifact);
    store.database.transaction(() => insertAll(store.database, search));
    for (const deployment of search.deployments ?? []) writeDeployment(store, deployment);
  } catch (error) {
    store.close();
    throw error;
  }
  return store;
}

function insertAll(database: Database, search: ExportedSearch): void {
  const { sessions, nodes, claims, runs, skills } = search;
  for (const node of nodes) {
    if (node.step > 0) insertOne(database, node);
    else {
      const session = sessions.find(({ id }) => id === node.session)!;
      insertSession(database, session, session.begunAt);
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

function insertOne(database: Database, node: ExportedNode): void {
  const { transcript, injections = [], artifact, duplicateOf } = node;
  const evaluation = node.evaluation!;
  insertNode(database, node.session, {
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
