import type { Artifact } from '../artifact.ts';
import type { Evaluation } from '../evaluation.ts';
import type { PastKernel, SearchSubject } from '../expansion.ts';
import { leastSimilarity, moreUseful, mostUseful } from '../past-kernels.ts';
import { similarity } from '../similarity.ts';
import { knobsOf } from '../source/knobs.ts';
import type { ExportedSearch } from '../storage/export-schema.ts';
import { type Parameters, parametersOfKey, subjectOf, type TimedSpace } from './space.ts';
import { evaluationOf } from './space-evaluator.ts';

/** Something that was found earlier, and may be of use to searches of a space. */
export type Past = { origin: string } & ({ space: TimedSpace } | { search: ExportedSearch });

/**
 * The best right kernels of earlier spaces and searches, as settings of the knobs of a space: those of tasks that are at least
 * 0.8 alike, by the rule of searches on a device. A kernel that lacks one of the knobs is none of that space.
 */
export function pastKernelsFor(space: TimedSpace, pasts: readonly Past[]): PastKernel[] {
  const subject = subjectOf(space);
  const found = new Map<string, PastKernel>();
  for (const past of pasts) {
    for (const each of 'space' in past ? ofSpace(past, subject) : ofSearch(past, subject)) {
      const kernel = inTermsOf(space, each);
      const known = kernel && found.get(kernel.attempt.artifact.text);
      if (kernel && (!known || moreUseful(kernel, known) < 0)) {
        found.set(kernel.attempt.artifact.text, kernel);
      }
    }
  }
  return mostUseful(found.values());
}

/** A kernel with what its knobs stand at. */
interface Found {
  origin: string;
  similarity: number;
  parameters: Parameters;
  evaluation: Evaluation;
}

function ofSpace({ space, origin }: Extract<Past, { space: TimedSpace }>, subject: SearchSubject): Found[] {
  const alike = similarity(subject, subjectOf(space));
  if (alike < leastSimilarity) return [];
  return Object.entries(space.cache).flatMap(([key, entry]) => {
    const evaluation = evaluationOf(space, entry);
    if (evaluation.failure) return [];
    const parameters = parametersOfKey(space, key);
    return [{ origin: `${origin}, ${key}`, similarity: alike, parameters, evaluation }];
  });
}

function ofSearch(
  { search, origin }: Extract<Past, { search: ExportedSearch }>,
  subject: SearchSubject,
): Found[] {
  const alike = new Map(
    search.sessions.map(({ id, task, device, settings: { language, dataType } }) => [
      id,
      similarity(subject, { task, device, language, dataType }),
    ]),
  );
  return search.nodes.flatMap(({ id, session, artifact = '', evaluation, duplicateOf }) => {
    const own = alike.get(session) ?? 0;
    const isRight = evaluation !== undefined && !evaluation.failure && evaluation.score > 0;
    if (own < leastSimilarity || !isRight || duplicateOf !== undefined) return [];
    const parameters = settingOf(search.artifacts[artifact]);
    return [{ origin: `${origin}, node ${id}`, similarity: own, parameters, evaluation }];
  });
}

function settingOf({ text }: Artifact): Parameters {
  return Object.fromEntries(knobsOf(text).map(({ name, value }) => [name, value]));
}

function inTermsOf(
  space: TimedSpace,
  { origin, similarity: alike, parameters, evaluation }: Found,
): PastKernel | undefined {
  const names = Object.keys(space.tune_params);
  if (!names.every((name) => Object.hasOwn(parameters, name))) return undefined;
  const text = JSON.stringify(Object.fromEntries(names.map((name) => [name, parameters[name]])));
  const artifact = { language: space.language, text };
  return { origin, similarity: alike, attempt: { id: 0, artifact, evaluation, rationale: origin } };
}
