/** `modelyard/testing`: fake engines on real sockets, tiny models, the conformance suite of providers. */

export { type CdnFault, cdnBytes, cdnSha256, type FakeCdn, type FakeCdnOptions, fakeCdn } from './fakes/fake-cdn.ts'
export { type FakeHub, type FakeHubFile, type FakeHubOptions, type FakeHubRepository, fakeHub } from './fakes/fake-hub.ts'
export { type FakeLlamaServer, type FakeLlamaServerOptions, fakeLlamaServer } from './fakes/fake-llama-server.ts'
export { type FakeLmStudio, type FakeLmStudioOptions, fakeLmStudio } from './fakes/fake-lmstudio.ts'
export { type FakeEngineOptions, type FakeModel, type FakeShelf, type InMemory, tokenText } from './fakes/fake-models.ts'
export { type FakeOllama, fakeOllama } from './fakes/fake-ollama.ts'
export { type FakeOpenAi, type FakeOpenAiOptions, fakeOpenAi } from './fakes/fake-openai.ts'
export type { Asked, FakeServer, Fault, FaultRule } from './fakes/fake-server.ts'
export { type Damage, damagedGguf } from './gguf/damaged-gguf.ts'
export { namedGguf } from './gguf/named-gguf.ts'
export { type TinyGgufOptions, tinyGguf } from './gguf/tiny-gguf.ts'
export { type ConformanceCase, type ConformanceSubject, providerConformance, type TestRunner } from './provider-suite.ts'
