/** Calls `mount` once, when `element` comes nearer to what is seen than so many pixels. */
export function whenNear(element: Element, distance: number, mount: () => void): void {
  const observer = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      mount();
    },
    { rootMargin: `${distance}px` },
  );
  observer.observe(element);
}
