/**
 * Hash of any plain data (typed arrays included), as 16 hexadecimal digits: two rounds of 32-bit FNV-1a style
 * mixing with different primes over a canonical text. It tells inputs apart; it is not cryptographic.
 */
export function fingerprint(value: unknown): string {
  let low = 0x811c9dc5;
  let high = 0x9747b28c;
  const add = (text: string): void => {
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      low = Math.imul(low ^ code, 0x01000193);
      high = Math.imul(high ^ code, 0x5bd1e995) ^ (high >>> 15);
    }
  };
  visit(value, add);
  return [low, high].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

function visit(value: unknown, add: (text: string) => void): void {
  if (ArrayBuffer.isView(value)) {
    const numbers = value as unknown as ArrayLike<number>;
    add(`#${numbers.length}:`);
    for (let i = 0; i < numbers.length; i++) add(`${numbers[i]},`);
  } else if (Array.isArray(value)) {
    add('[');
    for (const item of value) visit(item, add);
    add(']');
  } else if (typeof value === 'object' && value !== null) {
    add('{');
    for (const key of Object.keys(value).sort()) {
      const field = (value as Record<string, unknown>)[key];
      if (field === undefined) continue;
      add(`${JSON.stringify(key)}:`);
      visit(field, add);
    }
    add('}');
  } else {
    add(`${JSON.stringify(value)};`);
  }
}
