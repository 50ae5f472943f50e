import { catalogueNames } from '../../hardware-profiles/files.ts';

/** A device of the catalogue that stands for what a submitter wrote, or why none does. */
export type FoundDevice = { name: string; note?: string } | { missing: string };

/** What stands in the words of a model's name, from the particular to the general; the first that fits counts. */
type Rule = readonly [pattern: RegExp, device: string, note?: string];

const acceleratorRules: readonly Rule[] = [
  [/\bGH200\b.*\b(144|141)\s?GB/, 'gh200-144gb'],
  [/\bGH200\b/, 'gh200-96gb'],
  [/\bH200\b.*\bNVL\b/, 'h200-nvl'],
  [/\bH200\b/, 'h200-sxm'],
  [/\bH100\b.*\bNVL\b/, 'h100-nvl'],
  [/\bH100\b.*\bPCIE\b/, 'h100-pcie'],
  [/\bH100\b.*\b(SXM\d?|HBM3)\b/, 'h100-sxm'],
  [/\bA100\b.*\bPCIE\b.*\b80\s?GB/, 'a100-pcie-80gb'],
  [/\bA100\b.*\bPCIE\b/, 'a100-pcie-40gb'],
  [/\bA100\b.*\bSXM\d?\b.*\b40\s?GB/, 'a100-sxm-40gb'],
  [/\bA100\b.*\bSXM\d?\b/, 'a100-sxm-80gb'],
  [/\bB200\b/, 'b200'],
  [/\bL40S\b/, 'l40s'],
  [/\bL4\b/, 'l4'],
  [/\bA30\b/, 'a30'],
  [/\bA40\b/, 'a40'],
  [/\bA10\b/, 'a10'],
  [/\bT4\b/, 't4'],
  [/\bV100\b.*\bSXM\d?\b/, 'v100-sxm-32gb'],
  [/\bMI300X\b/, 'mi300x'],
  [/\bMI350X\b/, 'mi350x'],
];

const cpuRules: readonly Rule[] = [
  [/\b8592\+/, 'xeon-8592-plus'],
  [/\b8480\+/, 'xeon-8480-plus'],
  [/\b848[01]CL?\b/, 'xeon-8480-plus', 'a cloud variant of the 8480+, taken as one'],
  [/\b6980P\b/, 'xeon-6980p'],
  [/\b8380\b/, 'xeon-8380'],
  [/\bEPYC 9755\b/, 'epyc-9755'],
  [/\bSAPPHIRE RAPIDS\b/, 'xeon-8480-plus', 'known by its code name only, taken as an 8480+'],
];

/** A slice of a device is not the device. */
const slice = /\bMIG\b|\b\dG[ .]\d+GB\b/;

/** The accelerator that a submitter calls, for instance, `NVIDIA H100-SXM-80GB`. */
export function findAccelerator(model: string): FoundDevice {
  const words = plainWords(model);
  if (slice.test(words)) return { missing: `no profile for '${model}': slices of a device are not modelled` };
  return find(acceleratorRules, words, model);
}

/** The CPU that a submitter calls, for instance, `INTEL(R) XEON(R) PLATINUM 8592+`. */
export function findCpu(model: string): FoundDevice {
  return find(cpuRules, plainWords(model), model);
}

function find(rules: readonly Rule[], words: string, model: string): FoundDevice {
  const rule = rules.find(([pattern]) => pattern.test(words));
  if (rule && catalogueNames('devices').includes(rule[1])) {
    return { name: rule[1], ...(rule[2] !== undefined && { note: rule[2] }) };
  }
  return {
    missing:
      `no profile for '${model}': add a device file to hardware-profiles/catalogue/devices with its datasheet, and ` +
      'measurements or calibrated_like, and its name to harness/mlperf/devices.ts',
  };
}

/** Upper case; marks and separators other than plus and dot become spaces. */
function plainWords(model: string): string {
  return model
    .toUpperCase()
    .replace(/\((R|TM)\)/g, ' ')
    .replace(/[^A-Z0-9+.]+/g, ' ')
    .trim();
}

/** Each direction of a device's link to its host (bytes/s), by its datasheet: PCIe x16, or NVLink-C2C. */
export function hostLinkBytesPerS(device: string): number {
  if (device.startsWith('gh200')) return 450e9;
  if (/^(h100|h200|b200|mi3)/.test(device)) return 64e9;
  return /^(t4|v100)/.test(device) ? 16e9 : 32e9;
}
