import { InputError } from '../../foundation/problem.ts';
import { hashOf } from './artifacts.ts';
import type { ExportedNode, ExportedSearch } from './export-schema.ts';

/**
 * Whether the parts of an exported search fit together: each session begins with a node of its own, nodes follow on each
 * other and on their parents, and sources are those that their hashes say.
 * @param file for what is said about it
 * @throws InputError for the first part that does not
 */
export function checkExport(search: ExportedSearch, file: string): void {
  checkArtifacts(search, file);
  checkDeployments(search, file);
  const places = new Places(search.sessions);
  for (const [index, node] of search.nodes.entries()) {
    const problem = places.problemOf(node);
    if (problem !== undefined) throw new InputError([{ file, path: `nodes[${index}]`, message: problem }]);
    places.add(node);
  }
  for (const [index, { id }] of search.sessions.entries()) {
    if (places.steps.has(id)) continue;
    throw new InputError([{ file, path: `sessions[${index}]`, message: 'has no node to begin with' }]);
  }
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

/** Where the next node may stand. */
class Places {
  /** Nodes of each session that has begun, without its specification. */
  readonly steps = new Map<number, number>();
  private readonly sessions: readonly { id: number }[];
  private readonly sessionOf = new Map<number, number>();

  constructor(sessions: readonly { id: number }[]) {
    this.sessions = sessions;
  }

  add({ id, session, step }: ExportedNode): void {
    this.steps.set(session, step);
    this.sessionOf.set(id, session);
  }

  problemOf({ id, session, step, parents, evaluation, duplicateOf }: ExportedNode): string | undefined {
    if (!this.sessions.some((one) => one.id === session)) {
      return `belongs to session ${session}, which is not there`;
    }
    const due = this.sessions[this.steps.size]?.id;
    if (step === 0 && session !== due) return `stands where session ${due ?? 'none'} should begin`;
    const next = { id: this.sessionOf.size + 1, step: (this.steps.get(session) ?? -1) + 1 };
    if (id !== next.id || step !== next.step) {
      return `does not follow on the nodes before it: expected id ${next.id}, step ${next.step}`;
    }
    if (step === 0) return undefined;
    const isKnown = (other: number) => this.sessionOf.get(other) === session;
    if (parents.length === 0 || !parents.every(isKnown)) return 'comes from nodes that are not there';
    if (duplicateOf !== undefined && !isKnown(duplicateOf)) return 'repeats a node that is not there';
    return evaluation ? undefined : 'has no evaluation';
  }
}
