import type { ToolEntry } from './tool';

/** The tools of the workshop, in the order of their tabs. */
export const TOOLS: readonly ToolEntry[] = [
  { id: 'filter', label: 'Filter', load: () => import('./filter/filter') },
];
