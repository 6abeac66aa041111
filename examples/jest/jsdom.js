// Jest's jsdom lacks a global that browsers and Node have.
import { TestEnvironment } from 'jest-environment-jsdom';

export default class extends TestEnvironment {
  async setup() {
    await super.setup();
    Object.assign(this.global, { DecompressionStream });
  }
}
