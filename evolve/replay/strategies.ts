import type { GraphNode } from '../graph.ts';
import { hashOf } from '../storage/artifacts.ts';
import { parametersOfKey, type TimedSpace } from './space.ts';

/**
 * How many strategies the right kernels of a search combine: which half of its values, low or high, each knob stands in. It
 * is coarse on purpose, so that a search that turns one knob around a kernel it was shown has found one strategy, not many.
 */
export function strategyCounter(space: TimedSpace): (nodes: readonly GraphNode[]) => number {
  const names = Object.keys(space.tune_params);
  const strategies = new Map(
    Object.keys(space.cache).map((key) => {
      const parameters = parametersOfKey(space, key);
      const halves = names.map((name) => {
        const values = space.tune_params[name];
        return 2 * values.indexOf(parameters[name]) >= values.length ? 'high' : 'low';
      });
      const text = JSON.stringify(parameters);
      return [hashOf({ language: space.language, text }), halves.join()] as const;
    }),
  );
  return (nodes) => {
    const right = nodes.filter(({ failure, artifact }) => !failure && artifact !== undefined);
    return new Set(right.map(({ artifact }) => strategies.get(artifact!)).filter(Boolean)).size;
  };
}
