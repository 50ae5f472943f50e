import type { ExperimentResult } from '../../sim/training/experiment-result.ts';
import type { Absence, Chart } from '../charts/chart.ts';
import { tasksOf } from './cells.ts';
import { freshnessChart } from './freshness-chart.ts';
import { gainChart } from './gain-chart.ts';
import { overTimeChart } from './over-time-chart.ts';
import { transferChart } from './transfer-chart.ts';

/** What can be drawn of an experiment, and what cannot and why. */
export function experimentCharts(result: ExperimentResult): { charts: Chart[]; absent: Absence[] } {
  const tasks = tasksOf(result);
  const all = [
    ...tasks.map((task, index) => gainChart(result, task, index)),
    freshnessChart(result),
    ...tasks.map((task, index) => overTimeChart(result, task, index)),
    transferChart(result),
  ];
  return {
    charts: all.filter((one): one is Chart => 'svg' in one),
    absent: all.filter((one): one is Absence => !('svg' in one)),
  };
}
