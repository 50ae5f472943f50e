import type { Highs, ModelData } from 'highs';

/** A mixed-integer linear program that is minimised, built column by column and row by row. */
export class IntegerProgram {
  private readonly costs: number[] = [];
  private readonly lower: number[] = [];
  private readonly upper: number[] = [];
  private readonly integer: number[] = [];
  private readonly entries: [row: number, value: number][][] = [];
  private readonly rowLower: number[] = [];
  private readonly rowUpper: number[] = [];

  /** Adds a variable and returns its index; it is continuous and at least 0 unless it says otherwise. */
  variable({
    cost = 0,
    lower = 0,
    upper = Number.POSITIVE_INFINITY,
    isInteger = false,
  }: {
    cost?: number;
    lower?: number;
    upper?: number;
    isInteger?: boolean;
  } = {}): number {
    this.costs.push(cost);
    this.lower.push(lower);
    this.upper.push(upper);
    this.integer.push(isInteger ? 1 : 0);
    this.entries.push([]);
    return this.costs.length - 1;
  }

  /** Adds the constraint lower ≤ Σ value · variable ≤ upper. */
  constraint(
    {
      lower = Number.NEGATIVE_INFINITY,
      upper = Number.POSITIVE_INFINITY,
    }: { lower?: number; upper?: number },
    terms: readonly (readonly [variable: number, value: number])[],
  ): void {
    const row = this.rowLower.length;
    this.rowLower.push(lower);
    this.rowUpper.push(upper);
    const sums = new Map<number, number>();
    for (const [variable, value] of terms) sums.set(variable, (sums.get(variable) ?? 0) + value);
    for (const [variable, value] of sums) if (value !== 0) this.entries[variable].push([row, value]);
  }

  /** As the solver takes it. */
  data(infinity: number): ModelData {
    const finite = (value: number) => (Number.isFinite(value) ? value : Math.sign(value) * infinity);
    const starts = [0];
    for (const column of this.entries) starts.push(starts.at(-1)! + column.length);
    const flat = this.entries.flat();
    return {
      numCols: this.costs.length,
      numRows: this.rowLower.length,
      colCost: this.costs,
      colLower: this.lower.map(finite),
      colUpper: this.upper.map(finite),
      integrality: this.integer as ModelData['integrality'] & number[],
      rowLower: this.rowLower.map(finite),
      rowUpper: this.rowUpper.map(finite),
      matrix: {
        format: 'csc',
        numRows: this.rowLower.length,
        numCols: this.costs.length,
        starts,
        indices: flat.map(([row]) => row),
        values: flat.map(([, value]) => value),
      },
    };
  }
}

/** The least objective that was found, with the bound that was proven. */
export interface ProgramAnswer {
  values: Float64Array;
  objective: number;
  /** No solution is better than this. */
  bound: number;
}

/** Effort of one search. The node limit counts work, so that the answer is the same on every machine. */
const nodes = 3000;
const timeLimitS = 20;
const relativeGap = 1e-4;

/** HiGHS, loaded once for all programs of a plan. */
export class Solver {
  private readonly highs: Highs;

  private constructor(highs: Highs) {
    this.highs = highs;
  }

  static async load(): Promise<Solver> {
    const { default: loader } = await import('highs');
    // The package's types describe its CommonJS form, where the loader sits one `default` deeper.
    return new Solver(await (loader as unknown as typeof loader.default)());
  }

  /**
   * Branch and bound, one thread, fixed seed.
   * @param start values of a solution that is known
   * @returns undefined where nothing satisfies the constraints
   * @throws Error where the solver gives up without a solution
   */
  async minimise(program: IntegerProgram, start?: Float64Array): Promise<ProgramAnswer | undefined> {
    const { highs } = this;
    return highs.withModel(program.data(highs.infinity), (model) => {
      model.options.set({
        output_flag: false,
        random_seed: 0,
        mip_max_nodes: nodes,
        time_limit: timeLimitS,
        mip_rel_gap: relativeGap,
      });
      if (start) model.setSolution({ colValue: start });
      model.run();
      const status = model.getModelStatus();
      const { infeasible, unboundedOrInfeasible } = highs.constants.modelStatus;
      if (status === infeasible || status === unboundedOrInfeasible) return undefined;
      const objective = Number(model.info.get('objective_function_value'));
      const bound = Number(model.info.get('mip_dual_bound'));
      const values = Float64Array.from(model.getSolution().colValue);
      if (!Number.isFinite(objective) || values.length === 0) {
        throw new Error(`the solver found no plan within ${nodes} nodes or ${timeLimitS} s`);
      }
      return { values, objective, bound: Math.min(objective, bound) };
    });
  }
}
