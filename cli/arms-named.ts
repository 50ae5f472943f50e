import { didYouMean } from '../foundation/near-name.ts';
import { InputError } from '../foundation/problem.ts';

/**
 * The arms that were asked for by name; all of them where none was.
 * @param always one that stays in any case, such as the baseline
 * @throws InputError for a name that no arm has
 */
export function armsNamed<Arm extends { name: string }>(
  arms: readonly Arm[],
  wanted: readonly string[],
  always?: string,
): Arm[] {
  const names = arms.map(({ name }) => name);
  for (const name of wanted) {
    if (!names.includes(name)) {
      throw new InputError(`no arm is called '${name}'${didYouMean(name, names)}; arms: ${names.join(', ')}`);
    }
  }
  return arms.filter(({ name }) => wanted.length === 0 || wanted.includes(name) || name === always);
}
