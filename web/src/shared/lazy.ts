/** Calls `mount` once, when `element` is within `distance` pixels of the viewport. */
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

/** Calls `mount` once, when `element` is within `distance` pixels of the viewport or the page is printed. */
export function whenNearOrPrinted(element: Element, distance: number, mount: () => void): void {
  let isMounted = false;
  const mountOnce = () => {
    if (isMounted) return;
    isMounted = true;
    mount();
  };
  whenNear(element, distance, mountOnce);
  addEventListener('beforeprint', mountOnce);
}
