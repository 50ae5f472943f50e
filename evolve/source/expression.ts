/** Functions of expressions, each of two numbers. */
const functions: Record<string, (a: number, b: number) => number> = {
  ceil_div: (a, b) => Math.ceil(a / b),
  min: Math.min,
  max: Math.max,
  /** The least multiple of `b` that holds `a`. */
  align: (a, b) => Math.ceil(a / b) * b,
};

const token = /\s*(?:(\d+)|([A-Za-z_]\w*)|(<=|>=|==|[-+*/%(),<>]))/y;

/**
 * Value of an expression of whole numbers: `ceil_div(rows, TILE) * 2`. Division rounds down; comparisons are 0 or 1.
 * @param names values of the names that may stand in it
 * @throws Error that says what is wrong, and where
 */
export function evaluate(text: string, names: Readonly<Record<string, number>>): number {
  const tokens = tokensOf(text);
  let at = 0;
  const next = () => tokens[at];
  const take = (wanted: string) => {
    if (next() !== wanted)
      throw new Error(
        `'${text}': expected ${wanted}${next() === undefined ? ' at its end' : ` before ${next()}`}`,
      );
    at++;
  };
  const binary =
    (operators: Record<string, (a: number, b: number) => number>, operand: () => number) => () => {
      let value = operand();
      while (next() !== undefined && Object.hasOwn(operators, next()))
        value = operators[tokens[at++]](value, operand());
      return value;
    };
  const primary = (): number => {
    const here = tokens[at++];
    if (here === undefined) throw new Error(`'${text}' ends too early`);
    if (here === '(') {
      const value = comparison();
      take(')');
      return value;
    }
    if (here === '-') return -primary();
    if (/^\d/.test(here)) return Number(here);
    if (Object.hasOwn(functions, here)) {
      take('(');
      const a = comparison();
      take(',');
      const b = comparison();
      take(')');
      return functions[here](a, b);
    }
    if (!Object.hasOwn(names, here)) throw new Error(`'${text}': nothing is called ${here}`);
    return names[here];
  };
  const product = binary(
    { '*': (a, b) => a * b, '/': (a, b) => Math.floor(a / b), '%': (a, b) => a % b },
    primary,
  );
  const sum = binary({ '+': (a, b) => a + b, '-': (a, b) => a - b }, product);
  const comparison = binary(
    {
      '<=': (a, b) => Number(a <= b),
      '>=': (a, b) => Number(a >= b),
      '==': (a, b) => Number(a === b),
      '<': (a, b) => Number(a < b),
      '>': (a, b) => Number(a > b),
    },
    sum,
  );
  const value = comparison();
  if (at < tokens.length) throw new Error(`'${text}': ${tokens[at]} is too much`);
  if (!Number.isSafeInteger(value)) throw new Error(`'${text}' is ${value}, which is no whole number`);
  return value;
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  token.lastIndex = 0;
  const end = text.trimEnd().length;
  while (token.lastIndex < end) {
    const from = token.lastIndex;
    const match = token.exec(text);
    if (!match) throw new Error(`'${text}': '${text.slice(from).trim()[0]}' means nothing here`);
    tokens.push(match[1] ?? match[2] ?? match[3]);
  }
  return tokens;
}
