export { anthropicDialect } from './dialect.ts'
export { anthropicCount, anthropicMessages } from './messages.ts'
export { anthropicModel, anthropicModels, type NamedModel } from './models.ts'
