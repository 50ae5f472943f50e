import type { Document } from '../operator.ts';
import type { Entry, KnowledgeBase } from './knowledge-base.ts';
import type { Module, Words } from './module-index.ts';
import type { Query } from './query.ts';
import { estimatedTokens } from './tokens.ts';

/** Tokens of documents that an operator is given, unless it is said otherwise. */
const usualBudget = 8000;

/**
 * What the knowledge base says to a question, in two stages: the index gives the modules; of these the documents whose
 * marks fit are taken, what a candidate may not do first and then the most to the point, as far as the budget goes. The
 * same question on the same files has the same answer.
 */
export function retrieve(base: KnowledgeBase, query: Query, budgetTokens = usualBudget): Document[] {
  const entries = base.modules
    .filter((module) => isOfUse(module, query))
    .flatMap(({ path }) => base.entries(path))
    .filter((entry) => fits(entry, query));
  const ranked = entries
    .map((entry) => ({ document: entry.document, rank: rankOf(entry, query) }))
    .sort((a, b) => b.rank - a.rank);
  let left = budgetTokens;
  return ranked.flatMap(({ document }) => {
    const tokens = estimatedTokens(document.title) + estimatedTokens(document.text);
    if (tokens > left) return [];
    left -= tokens;
    return [document];
  });
}

function isOfUse({ platforms, languages, bottlenecks, phases }: Omit<Module, 'path'>, query: Query): boolean {
  return (
    has(platforms, query.platform) &&
    has(languages, query.language) &&
    has(phases, query.phase) &&
    // A draft has no bottleneck yet; whatever may become one is of use.
    (query.bottleneck === undefined || has(bottlenecks, query.bottleneck))
  );
}

function has<Word extends string>(words: Words<Word>, word: Word): boolean {
  return words === 'any' || words.includes(word);
}

function fits({ marks }: Entry, query: Query): boolean {
  const { operators, failures, compute_capability: least = 0 } = marks;
  return (
    isOfUse(marks, query) &&
    (operators?.some((one) => one === query.operator) ?? true) &&
    (query.computeCapability ?? Number.POSITIVE_INFINITY) >= least &&
    (failures === undefined || query.failure === undefined || failures.includes(query.failure.stage))
  );
}

/** Constraints first; then how many of the marks were meant for just this. */
function rankOf({ document, marks }: Entry, query: Query): number {
  const points: [applies: boolean, points: number][] = [
    [document.path.startsWith('constraints/'), 100],
    [signApplies(marks, query), 8],
    [marks.operators !== undefined, 4],
    [marks.evidence !== undefined && marks.evidence.device === query.device, 2],
    [query.bottleneck !== undefined && marks.bottlenecks !== 'any', 3],
    // Bottlenecks are listed with what the document is mostly about in front.
    [marks.bottlenecks[0] === query.bottleneck, 1],
    [query.failure !== undefined && marks.failures !== undefined, 2],
    [marks.advises.length > 0, 1],
  ];
  return points.reduce((sum, [applies, each]) => sum + (applies ? each : 0), 0);
}

function signApplies({ signs = [] }: Entry['marks'], { failure }: Query): boolean {
  if (!failure) return false;
  const said = `${failure.signature}\n${failure.reason}`.toLowerCase();
  return signs.some((sign) => said.includes(sign.toLowerCase()));
}
