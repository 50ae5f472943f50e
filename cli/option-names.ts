import { didYouMean } from '../foundation/near-name.ts';
import { InputError } from '../foundation/problem.ts';

/** Names separated by commas, each one of those that are known. @throws InputError with a near name */
export function listOf<Name extends string>(
  option: string,
  what: string,
  text: string,
  known: readonly Name[],
): Name[] {
  return text.split(',').map((part) => oneOf(option, what, part.trim(), known));
}

/** A name that is known. @throws InputError with a near name */
export function oneOf<Name extends string>(
  option: string,
  what: string,
  name: string,
  known: readonly Name[],
): Name {
  const found = known.find((candidate) => candidate === name);
  if (found) return found;
  const message = `no ${what} is called '${name}'${didYouMean(name, known)}; there are ${known.join(', ')}`;
  throw new InputError(`${option}: ${message}`);
}
