/** A contender does not support a shape. The message is a predicate, such as "has no …". */
export class Unsupported extends Error {
  name = 'Unsupported';
}
