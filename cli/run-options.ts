import type { ResolvedScenario } from '../scenarios/deployment.ts';
import { armsNamed } from './arms-named.ts';

/** What the command line says beside a scenario. */
export interface RunOptions {
  seed?: number | undefined;
  replications?: number | undefined;
  arm: readonly string[];
}

/**
 * The scenario as the command line changes it.
 * @param always an arm that stays whichever were asked for, such as the baseline
 * @throws InputError for a name that no arm has
 */
export function withRunOptions(
  scenario: ResolvedScenario,
  { seed, replications, arm }: RunOptions,
  always?: string,
): ResolvedScenario {
  return {
    ...scenario,
    settings: {
      ...scenario.settings,
      ...(seed !== undefined && { seed }),
      ...(replications !== undefined && { replications }),
    },
    arms: armsNamed(scenario.arms, arm, always),
  };
}
