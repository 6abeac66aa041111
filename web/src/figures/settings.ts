/* The settings of Figs. 1 and 2 and their valid combinations. */

export interface Settings {
  /** Height and width of the input. */
  size: number;
  inputs: number;
  outputs: number;
  kernel: number;
  stride: number;
  padding: number;
  dilation: number;
}

export type Name = keyof Settings;

/** The limits of each setting, independent of the others. */
export const LIMITS: Readonly<Record<Name, readonly [min: number, max: number]>> = {
  size: [2, 7],
  inputs: [1, 4],
  outputs: [1, 3],
  kernel: [1, 4],
  stride: [1, 3],
  padding: [0, 2],
  dilation: [1, 3],
};

export const NAMES = Object.keys(LIMITS) as Name[];

/** The chapter's Fig. 7.4.1. */
export const CHAPTER: Settings = {
  size: 3,
  inputs: 2,
  outputs: 1,
  kernel: 2,
  stride: 1,
  padding: 0,
  dilation: 1,
};

/** The window's height and width in the input, including the gaps of dilation. */
const extent = ({ kernel, dilation }: Settings): number => dilation * (kernel - 1) + 1;

export const outputSize = (settings: Settings): number =>
  Math.floor((settings.size + 2 * settings.padding - extent(settings)) / settings.stride) + 1;

/** Whether the window fits into the padded input and no window lies entirely in the padding. */
export function isValid(settings: Settings): boolean {
  const inside = NAMES.every((name) => {
    const [min, max] = LIMITS[name];
    const value = settings[name];
    return Number.isInteger(value) && value >= min && value <= max;
  });
  return (
    inside &&
    extent(settings) <= settings.size + 2 * settings.padding &&
    (settings.padding === 0 || settings.padding < extent(settings))
  );
}

/** The valid range of a setting, given the other settings. */
export function rangeOf(settings: Settings, name: Name): [min: number, max: number] {
  const fits = (value: number) => isValid({ ...settings, [name]: value });
  let [min, max] = [settings[name], settings[name]];
  while (fits(min - 1)) min -= 1;
  while (fits(max + 1)) max += 1;
  return [min, max];
}
