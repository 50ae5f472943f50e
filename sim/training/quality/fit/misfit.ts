import { type Curves, ofEachArm } from './curves.ts';
import type { Measured } from './measured.ts';
import type { Solution } from './solve.ts';

/** Standard deviations of what the quality model leaves unexplained, in relative NE; NaN with nothing left over. */
export interface Residuals {
  lags: number;
  gains: number;
}

/** Parameters that are fitted to the lags: NE without a gap, A and τ. */
const ofLaw = 3;

export function residualsOf(curves: Curves<Measured>, { law, gainsMisfit }: Solution): Residuals {
  return { lags: Math.sqrt(law.squares / (curves.lags.length - ofLaw)), gains: gainsMisfit };
}

/**
 * Where the model's curves miss the measured figures by more than these are unsure, the figures are taken to be as
 * unsure as that: ranges then hold the model's own error too.
 */
export function withMisfit(curves: Curves<Measured>, { lags, gains }: Residuals): Curves<Measured> {
  const unsure = (least: number) => (figure: Measured) => ({
    ...figure,
    sd: Math.max(figure.sd, Number.isNaN(least) ? 0 : least),
  });
  const ofGains = unsure(gains);
  return {
    ...curves,
    lags: curves.lags.map(({ days, worsening }) => ({ days, worsening: unsure(lags)(worsening) })),
    stalenesses: curves.stalenesses.map((at) => ({ ...at, students: ofEachArm(at.students, ofGains) })),
  };
}
