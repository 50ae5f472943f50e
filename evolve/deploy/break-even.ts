import { hoursPerYear } from '../../foundation/units.ts';

/** Months of a refresh of hardware, after which a kernel is searched for anew: 12 to 18 as users state them. */
export const usualMonths = [12, 18] as const;

const hoursPerMonth = hoursPerYear / 12;

/** What a search cost against what its kernel saves over so many months. */
export interface BreakEven {
  months: number;
  /** Device-hours that are not needed in that time. */
  savedDeviceHours: number;
  /** Hours until the saved devices have made up for the search; nothing where none are saved. */
  breakEvenHours: number | undefined;
  /** Saved over spent device-hours; nothing where the search cost none. */
  returnOnSearch: number | undefined;
}

/**
 * @param searchDeviceHours that devices were taken by the search
 * @param devicesSaved devices that the fleet does without, fractions included
 */
export function breakEven(searchDeviceHours: number, devicesSaved: number, months: number): BreakEven {
  const savedDeviceHours = devicesSaved * months * hoursPerMonth;
  return {
    months,
    savedDeviceHours,
    breakEvenHours: devicesSaved > 0 ? searchDeviceHours / devicesSaved : undefined,
    returnOnSearch: searchDeviceHours > 0 ? savedDeviceHours / searchDeviceHours : undefined,
  };
}
