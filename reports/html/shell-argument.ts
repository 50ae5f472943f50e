/** A name as an argument of a shell: in quotes where it needs them. */
export function argument(name: string): string {
  return /^[A-Za-z0-9_./:@%+,-]+$/.test(name) ? name : `'${name.replaceAll("'", `'\\''`)}'`;
}
