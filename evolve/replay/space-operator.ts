import type { RandomStream } from '../../foundation/random.ts';
import type { Artifact } from '../artifact.ts';
import type { Attempt, Operator } from '../operator.ts';
import type { Parameters, TimedSpace } from './space.ts';
import { parametersOf } from './space-evaluator.ts';

/** Proposals that may turn out to be known before one is taken all the same. */
const mostProposals = 32;
/** Known proposals in a row after which one more parameter is changed. */
const proposalsPerChange = 8;

/** Chance that a step goes to a neighbouring value; else it may go anywhere. */
const nearStep = 0.7;

/**
 * The universal operator on a timed space: a draft draws all parameters, a transformation changes one of its parent's
 * (two now and then), a crossover takes each from either parent and changes one. What it is shown of relatives it does
 * not propose again; of kernels of earlier searches it starts from the best.
 */
export function spaceOperator(space: TimedSpace): Operator {
  return {
    name: 'space',
    async transform(_artifact, { parents, ancestors, siblings, reused, random }) {
      const seen = new Set([...parents, ...ancestors, ...siblings].map(({ artifact }) => artifact.text));
      const sources = [...parents, ...reused.slice(0, 1)]
        .map(({ artifact }: Attempt) => parametersOf(artifact))
        .filter((source) => source !== undefined);
      let proposed = propose(space, sources, 1, random);
      for (let tries = 1; seen.has(proposed.artifact.text) && tries < mostProposals; tries++) {
        proposed = propose(space, sources, 1 + Math.floor(tries / proposalsPerChange), random);
      }
      return proposed;
    },
  };
}

function propose(
  space: TimedSpace,
  sources: readonly Parameters[],
  changes: number,
  random: RandomStream,
): { artifact: Artifact; rationale: string } {
  const names = Object.keys(space.tune_params);
  const anyOf = <Item>(items: readonly Item[]) => items[random.below(items.length)];
  if (sources.length === 0) {
    const drawn = names.map((name) => [name, anyOf(space.tune_params[name])]);
    return made(space, Object.fromEntries(drawn), 'draft: all parameters drawn');
  }
  const inherited = (name: string) => {
    const values = space.tune_params[name];
    const value = anyOf(sources)[name];
    // A kernel of an earlier search may come from a space with other values.
    return values.includes(value) ? value : anyOf(values);
  };
  const mixed = Object.fromEntries(names.map((name) => [name, inherited(name)]));
  const drawn = changes + (random.uniform() < 0.2 ? 1 : 0);
  const changed = new Set(Array.from({ length: drawn }, () => anyOf(names)));
  for (const name of changed) mixed[name] = step(space.tune_params[name], mixed[name], random);
  const what = [...changed].map((name) => `${name} = ${mixed[name]}`).join(', ');
  return made(space, mixed, sources.length > 1 ? `cross, then ${what}` : what);
}

/** Another value: mostly the next one up or down, else any. */
function step<Item>(values: readonly Item[], value: Item, random: RandomStream): Item {
  const isNear = random.uniform() < nearStep;
  const direction = random.uniform() < 0.5 ? -1 : 1;
  const near = values[values.indexOf(value) + direction];
  const drawn = values[random.below(values.length)];
  return isNear ? (near ?? drawn) : drawn;
}

function made({ language }: TimedSpace, parameters: Parameters, rationale: string) {
  return { artifact: { language, text: JSON.stringify(parameters) }, rationale };
}
