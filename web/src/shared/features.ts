import type { Features } from 'corr2d';
import { el } from './dom';
import { formatDuration } from './format';

/** The reason why the page cannot share memory with its workers; null if it can. */
function isolationObstacle(): string | null {
  if (globalThis.crossOriginIsolated) return null;
  return 'the host does not send the headers COOP and COEP';
}

/** List items that describe the loaded variant, its threads and why they were chosen. */
export function featureItems(
  { variant, simd, threads, reason }: Features,
  version: string,
  loadMs: number,
): HTMLLIElement[] {
  const obstacle = isolationObstacle();
  const items = [
    `corr2d ${version}`,
    `variant ${variant}: ${
      simd === 'relaxed' ? 'fused multiply-add' : 'SIMD without fused multiply-add'
    }`,
    `${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    obstacle === null ? 'cross-origin isolated' : `not isolated: ${obstacle}`,
    `loaded in ${formatDuration(loadMs)}`,
  ];
  return [
    ...items.map((item) => el('li', {}, item)),
    ...(reason ? [el('li', { class: 'reason' }, reason)] : []),
  ];
}
