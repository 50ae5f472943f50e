import { type Database, nextId, type Row } from './database.ts';

/** What a search taught that may help others: a document of the knowledge base in one of its versions. */
export interface Skill {
  id: number;
  /** Node that it was learnt from. */
  node: number | undefined;
  path: string;
  version: number;
  document: string;
}

/** Keeps a skill as the next version of its path; earlier ones stay. */
export function addSkill(database: Database, skill: Pick<Skill, 'node' | 'path' | 'document'>): Skill {
  return database.transaction(() => {
    const last = database.first('SELECT max(version) AS version FROM skills WHERE path = ?', skill.path);
    const added = { id: nextId(database, 'skills'), ...skill, version: Number(last?.version ?? 0) + 1 };
    insertSkill(database, added);
    return added;
  });
}

/** To be called in a transaction. */
export function insertSkill(
  database: Database,
  { id, node, path, version, document }: Omit<Skill, 'node'> & { node?: number | undefined },
): void {
  database.run('INSERT INTO skills VALUES (?, ?, ?, ?, ?)', id, node ?? null, path, version, document);
}

/** All skills in all versions, in the order in which they were learnt. */
export function readSkills(database: Database): Skill[] {
  return database.all('SELECT * FROM skills ORDER BY id').map(skillOf);
}

function skillOf({ id, node, path, version, document }: Row): Skill {
  return {
    id: Number(id),
    node: node === null ? undefined : Number(node),
    path: String(path),
    version: Number(version),
    document: String(document),
  };
}
