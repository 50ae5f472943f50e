/** How drivers call the devices of the catalogue; the first pattern that fits decides. */
const known: readonly (readonly [reported: RegExp, name: string])[] = [
  [/\bGH200\b/, 'gh200-96gb'],
  [/\bB200\b/, 'b200'],
  [/\bH200\b/, 'h200-sxm'],
  [/\bH100\b.*PCIe/i, 'h100-pcie'],
  [/\bH100\b.*NVL/, 'h100-nvl'],
  [/\bH100\b/, 'h100-sxm'],
  [/\bA100-SXM4-80GB/, 'a100-sxm-80gb'],
  [/\bA100-SXM4-40GB/, 'a100-sxm-40gb'],
  [/\bA100 80GB PCIe/i, 'a100-pcie-80gb'],
  [/\bA100-PCIE-40GB/i, 'a100-pcie-40gb'],
  [/\bA40\b/, 'a40'],
  [/\bA30\b/, 'a30'],
  [/\bA10\b/, 'a10'],
  [/\bL40S\b/, 'l40s'],
  [/\bL4\b/, 'l4'],
  [/\bT4\b/, 't4'],
  [/\bV100-SXM2-32GB/, 'v100-sxm-32gb'],
  [/\bMI300X\b/, 'mi300x'],
  [/\bMI350X\b/, 'mi350x'],
  [/\bEPYC 9755\b/, 'epyc-9755'],
  [/\b6980P\b/, 'xeon-6980p'],
  [/\b8592\+/, 'xeon-8592-plus'],
  [/\b8480(\+|C)/, 'xeon-8480-plus'],
  [/\b8380\b/, 'xeon-8380'],
];

/** The name in the catalogue of a device that calls itself so; else one made from what it says. */
export function deviceName(reported: string): string {
  const found = known.find(([pattern]) => pattern.test(reported));
  if (found) return found[1];
  const plain = reported
    .toLowerCase()
    .replace(/\((r|tm)\)/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return plain || 'device';
}
