import { InvalidArgumentError } from 'commander';

/** What a number of an option must be. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max))
      throw new InvalidArgumentError(`expected a whole number from ${min} to ${max}.`);
    return value;
  };
}

export function oneOfWords(...words: string[]): (text: string) => string {
  return (text) => {
    if (!words.includes(text))
      throw new InvalidArgumentError(`expected ${words.slice(0, -1).join(', ')} or ${words.at(-1)}.`);
    return text;
  };
}

/** `2/8` as the third of eight. */
export function shard(text: string): { index: number; of: number } {
  const [, index, of] = (/^(\d{1,5})\/(\d{1,5})$/.exec(text) ?? []).map(Number);
  if (!(of >= 1 && index < of))
    throw new InvalidArgumentError(
      'expected i/n with i from 0 to n − 1, such as 0/8 for the first of eight.',
    );
  return { index, of };
}
