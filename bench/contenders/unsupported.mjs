/** A contender does not support a shape. The message is a predicate, such as "has no …", or empty if it need not be shown. */
export class Unsupported extends Error {
  name = 'Unsupported';
}
