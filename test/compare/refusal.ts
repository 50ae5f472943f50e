import * as assert from 'uvu/assert';
import { InputError } from '../../foundation/problem.ts';

/** The message of the InputError that a call throws. */
export function refusal(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    assert.instance(error, InputError);
    return (error as Error).message;
  }
  return assert.unreachable('nothing was refused') as never;
}
