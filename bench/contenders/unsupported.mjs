/** A contender cannot do a shape; the message says why. */
export class Unsupported extends Error {
  name = 'Unsupported';
}
