import * as assert from 'uvu/assert';
import { InputError } from '../foundation/problem.ts';

/** The message of the InputError that `act` must throw. */
export function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return inputError(error);
  }
  throw new Error('expected an InputError');
}

/** The same for what is answered later. */
export async function laterMessageOf(act: () => Promise<unknown>): Promise<string> {
  try {
    await act();
  } catch (error) {
    return inputError(error);
  }
  throw new Error('expected an InputError');
}

function inputError(error: unknown): string {
  assert.instance(error, InputError, (error as Error).stack ?? '');
  return (error as InputError).message;
}
