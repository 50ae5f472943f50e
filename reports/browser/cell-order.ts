/** Compares what two cells show: figures by size, whatever their units; words as people sort them; nothing last. */
export function compareCells(a: string, b: string, isNumeric: boolean): number {
  const [one, other] = isNumeric ? [figureIn(a), figureIn(b)] : [];
  if (one !== undefined && other !== undefined) return one - other;
  if (one !== undefined || other !== undefined) return one === undefined ? 1 : -1;
  return words.compare(a, b);
}

const words = new Intl.Collator('en', { numeric: true });

const times: Record<string, number> = { ns: 1e-9, µs: 1e-6, ms: 1e-3, s: 1, min: 60, h: 3600, d: 86_400 };
const prefixes: Record<string, number> = { k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15 };

/** The first figure of a text in the base of its unit: `67 200`, `−5.9 ±1.2`, `12.3 ms`, `5.01 MB`; nothing where it begins with none. */
export function figureIn(text: string): number | undefined {
  const match = /^[▸✗<≤≥×~\s]*([+−-]?)(\d{1,3}(?:\s\d{3})+|\d+)(\.\d+)?(?:e([+-]?\d+))?\s*([A-Za-zµ]*)/.exec(
    text,
  );
  if (!match) return undefined;
  const [, sign, whole, fraction = '', exponent = '0', unit] = match;
  const size = Number(`${whole.replace(/\s/g, '')}${fraction}e${exponent}`);
  return (sign === '−' || sign === '-' ? -size : size) * factorOf(unit);
}

/** Times in seconds, other units without their prefix. */
function factorOf(unit: string): number {
  return times[unit] ?? (/^[kMGTP](B|W|Wh|QPS|)$/.test(unit) ? prefixes[unit[0]] : 1);
}
