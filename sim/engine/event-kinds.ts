/** What an event of the executor means; its payload is the subject's number × 8 plus the kind. */
export const fixedEnd = 0;
export const sharedEnd = 1;
export const firstByte = 2;
export const transferEnd = 3;
export const arrival = 4;
export const batchDue = 5;
