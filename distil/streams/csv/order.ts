import { picked } from '../columns.ts';
import type { ExampleStream } from '../stream.ts';

/** Puts examples in the order of their impressions, those of the same time as they were. @returns how many were late */
export function orderByTime(stream: ExampleStream): number {
  const { impressionS, size } = stream;
  let late = 0;
  for (let row = 1, latest = impressionS[0]; row < size; row++) {
    if (impressionS[row] < latest) late++;
    else latest = impressionS[row];
  }
  if (late === 0) return 0;
  const order = new Uint32Array(size);
  for (let row = 0; row < size; row++) order[row] = row;
  order.sort((a, b) => impressionS[a] - impressionS[b] || a - b);
  stream.impressionS = picked(impressionS, order);
  stream.members = picked(stream.members, order);
  for (const field of stream.fields) field.ids = picked(field.ids, order);
  for (const task of stream.tasks) {
    task.labels = picked(task.labels, order);
    task.delayS = picked(task.delayS, order);
  }
  return late;
}
