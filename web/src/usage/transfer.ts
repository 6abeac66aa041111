import { formatDuration, formatSignificant } from '../shared/format';

/** The chunks of the built page that are corr2d: its code, and the variant with the binary. */
const CHUNKS = /\/assets\/(corr2d|variant-[a-z-]+)-[\w-]{8}\.js$/;

/** Says how many bytes of corr2d this page has fetched, from where, and how long that took. */
export function describeTransfer(resources: readonly PerformanceResourceTiming[]): string {
  const chunks = resources.filter(({ name }) => CHUNKS.test(new URL(name).pathname));
  const sum = (count: (chunk: PerformanceResourceTiming) => number) =>
    chunks.reduce((total, chunk) => total + count(chunk), 0);
  const encoded = sum(({ encodedBodySize }) => encodedBodySize);
  const decoded = sum(({ decodedBodySize }) => decodedBodySize);
  const full = formatKilobytes(decoded);
  const size = encoded < decoded ? `${formatKilobytes(encoded)}, compressed from ${full}` : full;
  const time = formatDuration(sum(({ duration }) => duration));

  // Firefox reports zeros for what a service worker answers, Chromium the sizes without compression.
  if (encoded === 0) return 'Your browser does not report how many bytes of this page are corr2d.';
  if (chunks.some(({ workerStart }) => workerStart > 0)) {
    return `This time corr2d came from the page’s offline cache, where it is not compressed: ${full} in ${time}.`;
  }
  if (sum(({ transferSize }) => transferSize) < encoded) {
    return `This time corr2d came from your browser’s cache: ${size}.`;
  }
  const hint = encoded < decoded ? '' : ' The server did not compress it.';
  return `To compute in this page, your browser fetched corr2d in ${time}: ${size}.${hint}`;
}

const formatKilobytes = (bytes: number): string => `${formatSignificant(bytes / 1000)} kB`;
