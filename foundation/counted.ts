/** `1 host`, `2 hosts`, `10 000 hosts`. */
export function counted(count: number, what: string): string {
  return `${count >= 1e4 ? grouped(count) : count} ${what}${count === 1 ? '' : 's'}`;
}

/** Digits in groups of three. */
export function grouped(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ' ');
}
