/** What the process tells a script. */
export const exitCodes = { answered: 0, failed: 1, badInput: 2, infeasible: 3 } as const;
