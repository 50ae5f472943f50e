const units = [
  { name: 'TB', perByte: 1e-12 },
  { name: 'GB', perByte: 1e-9 },
  { name: 'MB', perByte: 1e-6 },
  { name: 'kB', perByte: 1e-3 },
  { name: 'B', perByte: 1 },
] as const;

/** One unit for a whole column of sizes, chosen by the largest. */
export function byteUnit(sizes: readonly number[]): { name: string; perByte: number } {
  const largest = sizes.reduce((most, size) => Math.max(most, size), 0);
  return units.find(({ perByte }) => largest * perByte >= 1) ?? units[4];
}
