/** Calls `mount` once, when `element` comes near to what is seen, or the page is to be printed. */
export function whenNear(element: Element, mount: () => void): void {
  const observer = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      mount();
    },
    { rootMargin: '600px' },
  );
  observer.observe(element);
}
