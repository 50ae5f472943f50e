import type { AnyScenario } from '../scenarios/files.ts';
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
export function withRunOptions<Scenario extends AnyScenario>(
  scenario: Scenario,
  { seed, replications, arm }: RunOptions,
  always?: string,
): Scenario {
  return {
    ...scenario,
    settings: {
      ...scenario.settings,
      ...(seed !== undefined && { seed }),
      ...(replications !== undefined && { replications }),
    },
    arms: armsNamed<{ name: string }>(scenario.arms, arm, always),
  };
}
