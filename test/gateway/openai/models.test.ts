import { expect, it } from 'vitest'
import { openaiModel, openaiModels } from '../../../src/gateway/openai/index.ts'
import { recorded, shapeOf } from '../answering.ts'
import { choices, served } from '../listed.ts'

it('models are listed in the order given, with what is known of them', () => {
  expect(openaiModels(choices)).toEqual({
    object: 'list',
    data: [
      { id: 'default', object: 'model', created: 1_769_904_000, owned_by: 'ollama' },
      { id: 'spare', object: 'model', created: 0, owned_by: 'modelyard' },
      { id: 'ollama/qwen3:8b', object: 'model', created: 1_769_904_000, owned_by: 'ollama' },
      { id: 'llama/tiny', object: 'model', created: 0, owned_by: 'llama' },
    ],
  })
})

it('the list and one model have the shapes of the recorded ones', () => {
  expect(shapeOf(openaiModels(choices))).toEqual(shapeOf(recorded('ollama/0.32.15/47-v1-models.json').json))
  expect(shapeOf(openaiModel(served))).toEqual(shapeOf(recorded('ollama/0.32.15/48-v1-model.json').json))
})
