/** An object whose memory can be freed. */
export interface Disposable {
  dispose(): void;
}

/** The open calls of `tidy` of one instance, and the tensors that each of them will dispose of. */
export class Scopes<Member> {
  /** The innermost call is the last one. */
  readonly #open: Set<Member>[] = [];

  /** Opens a scope. Tensors that are created until `close` are members of it. */
  open(): Set<Member> {
    const scope = new Set<Member>();
    this.#open.push(scope);
    return scope;
  }

  /** Closes the innermost scope. */
  close(): void {
    this.#open.pop();
  }

  /** Adds a tensor to the innermost scope, if there is one. */
  add(member: Member): void {
    this.#open[this.#open.length - 1]?.add(member);
  }

  /** Removes a tensor from the scope that it is in, if any. */
  remove(member: Member): void {
    for (const scope of this.#open) scope.delete(member);
  }
}
