export { anthropicDialect } from './dialect.ts'
export { anthropicCount, anthropicMessages } from './messages.ts'
export { anthropicModel, anthropicModels } from './models.ts'
