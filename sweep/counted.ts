/** A count with its noun: `1 worker`, `3 workers`. */
export const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
