/** Lets `using` call the `dispose` method of a class, on engines that have `Symbol.dispose`. */
export function supportUsing({ prototype }: { prototype: { dispose(): void } }): void {
  if (Symbol.dispose !== undefined) {
    Object.defineProperty(prototype, Symbol.dispose, { value: prototype.dispose });
  }
}
