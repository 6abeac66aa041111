// Jest's jsdom lacks two things that browsers have, and Node too.
import { TestEnvironment } from 'jest-environment-jsdom';

export default class extends TestEnvironment {
  async setup() {
    await super.setup();
    Object.assign(this.global, { DecompressionStream, TextDecoder });
  }
}
