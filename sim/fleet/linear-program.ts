import type { Highs, ModelData } from 'highs';

interface Column {
  cost: number;
  lower: number;
  upper: number;
  isInteger: boolean;
}

interface Row {
  lower: number;
  upper: number;
  entries: readonly (readonly [column: number, value: number])[];
}

/** What a solver found of a program. */
export interface Answer {
  /** Limited: the solver stopped before its gap was closed. */
  state: 'optimal' | 'limited' | 'infeasible' | 'failed';
  /** Of the columns; of no use where nothing was found. */
  values: Float64Array;
  value: number;
  /** No solution is below this. */
  bound: number;
  /** The clock stopped it, so that another run may stop elsewhere. */
  isTimeLimited: boolean;
}

/** Feasibility and relative gap that the solver works to. */
const tolerance = 1e-9;

/** A linear program with whole columns, to be minimised, built row by row and solved by HiGHS. */
export class LinearProgram {
  private readonly columns: Column[] = [];
  private readonly rows: Row[] = [];

  /** @returns its position */
  column({
    cost = 0,
    lower = 0,
    upper = Number.POSITIVE_INFINITY,
    isInteger = false,
  }: Partial<Column>): number {
    return this.columns.push({ cost, lower, upper, isInteger }) - 1;
  }

  row({
    lower = Number.NEGATIVE_INFINITY,
    upper = Number.POSITIVE_INFINITY,
    entries,
  }: Partial<Row> & Pick<Row, 'entries'>): void {
    const sums = new Map<number, number>();
    for (const [column, value] of entries) sums.set(column, (sums.get(column) ?? 0) + value);
    this.rows.push({ lower, upper, entries: [...sums].filter(([, value]) => value !== 0) });
  }

  /**
   * Branch and bound on one thread with a fixed seed: the same program has the same answer, unless the clock stops it.
   * @param start a solution to begin with
   * @param relativeGap the search ends when no solution can be better by more than this share
   */
  async minimise({
    start,
    nodes,
    timeLimitS,
    relativeGap = tolerance,
  }: {
    start?: Float64Array;
    nodes: number;
    timeLimitS: number;
    relativeGap?: number;
  }): Promise<Answer> {
    const highs = await loadHighs();
    return highs.withModel(this.data(highs.infinity), (model) => {
      model.options.set({
        output_flag: false,
        random_seed: 0,
        mip_max_nodes: nodes,
        time_limit: timeLimitS,
        mip_rel_gap: relativeGap,
        mip_abs_gap: tolerance,
        mip_feasibility_tolerance: tolerance,
        primal_feasibility_tolerance: tolerance,
      });
      if (start) model.setSolution({ colValue: start });
      model.run();
      const status = model.getModelStatus();
      return {
        state: stateOf(status, highs.constants.modelStatus),
        values: Float64Array.from(model.getSolution().colValue),
        value: Number(model.info.get('objective_function_value')),
        bound: Number(model.info.get('mip_dual_bound')),
        isTimeLimited: status === highs.constants.modelStatus.timeLimit,
      };
    });
  }

  private data(infinity: number): ModelData {
    const finite = (value: number) => (Number.isFinite(value) ? value : Math.sign(value) * infinity);
    const byColumn: [row: number, value: number][][] = this.columns.map(() => []);
    this.rows.forEach(({ entries }, row) => {
      for (const [column, value] of entries) byColumn[column].push([row, value]);
    });
    const starts = [0];
    for (const entries of byColumn) starts.push(starts.at(-1)! + entries.length);
    const entries = byColumn.flat();
    const numCols = this.columns.length;
    const numRows = this.rows.length;
    return {
      numCols,
      numRows,
      colCost: this.columns.map(({ cost }) => cost),
      colLower: this.columns.map(({ lower }) => finite(lower)),
      colUpper: this.columns.map(({ upper }) => finite(upper)),
      integrality: this.columns.map(({ isInteger }) => (isInteger ? 1 : 0)),
      rowLower: this.rows.map(({ lower }) => finite(lower)),
      rowUpper: this.rows.map(({ upper }) => finite(upper)),
      matrix: {
        format: 'csc',
        numRows,
        numCols,
        starts,
        indices: entries.map(([row]) => row),
        values: entries.map(([, value]) => value),
      },
    };
  }
}

function stateOf(status: number, known: Highs['constants']['modelStatus']): Answer['state'] {
  if (status === known.optimal) return 'optimal';
  if (status === known.solutionLimit || status === known.timeLimit) return 'limited';
  const isInfeasible = status === known.infeasible || status === known.unboundedOrInfeasible;
  return isInfeasible ? 'infeasible' : 'failed';
}

let loaded: Promise<Highs> | undefined;

/** The solver, loaded on first use. The package's types describe its CommonJS form, whose loader sits one `default` deeper. */
function loadHighs(): Promise<Highs> {
  loaded ??= import('highs').then(({ default: loader }) => (loader as unknown as typeof loader.default)());
  return loaded;
}
