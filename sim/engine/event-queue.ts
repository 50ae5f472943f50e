import { HeapQueue } from './heap-queue.ts';

/**
 * The event list of the simulator. Payloads are integers in [0, 2³¹).
 *
 * Order: by time; simultaneous events leave in the order in which they were pushed, exactly.
 */
export class EventQueue extends HeapQueue {}
