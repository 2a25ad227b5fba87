/**
 * What to paste into which client: the lines of `docs/clients`, with this service's address, a token and a slot in them.
 * A test compares the two. The words around the lines are in the catalogue of texts, under the same ids.
 */

export interface Place {
  /** Of the service, without a slash at its end. */
  readonly address: string
  readonly token: string
  /** The slot that the client names as its model. */
  readonly slot: string
}

/** What kind of place the lines go to. */
export type Where =
  | 'terminal'
  | 'javascript'
  | 'python'
  | 'settings'
  | 'anthropicLines'
  | 'ollamaLines'
  | 'modelsLines'
  | 'configYaml'
  | 'settingsJson'

export type Piece =
  | { readonly where: Where; readonly lines: string }
  | { readonly where: Where; readonly fields: readonly (readonly [name: string, value: string])[] }

export interface ClientGuide {
  /** Of its page in the documents. */
  readonly id: string
  readonly name: string
  /** What its token is called. */
  readonly tokenName: string
  /** A slot of this name, because `default` means something else to it. */
  readonly ownSlot?: string
  readonly pieces: (place: Place) => readonly Piece[]
}

const lines = (where: Where, ...all: readonly string[]): Piece => ({ where, lines: all.join('\n') })

const json = `-H 'Content-Type: application/json'`
const question = (slot: string, more = ''): string =>
  `'{"model":"${slot}",${more}"messages":[{"role":"user","content":"Why is the sky blue?"}]}'`

export const clients = [
  {
    id: 'openai-sdk',
    name: 'OpenAI SDKs',
    tokenName: 'my-app',
    pieces: ({ address, token, slot }) => [
      lines('terminal', `export OPENAI_API_KEY=${token}`, `export OPENAI_BASE_URL=${address}/v1`),
      lines(
        'javascript',
        `import OpenAI from 'openai'`,
        '',
        'const openai = new OpenAI()',
        `const stream = await openai.chat.completions.create({ model: '${slot}', stream: true, messages: [{ role: 'user', content: 'Hello' }] })`,
        `for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? '')`,
      ),
      lines(
        'python',
        'from openai import OpenAI',
        '',
        'client = OpenAI()',
        `answer = client.chat.completions.create(model="${slot}", messages=[{"role": "user", "content": "Hello"}])`,
        'print(answer.choices[0].message.content)',
      ),
    ],
  },
  {
    id: 'anthropic-sdk',
    name: 'Anthropic SDKs',
    tokenName: 'my-app',
    pieces: ({ address, token, slot }) => [
      lines('terminal', `export ANTHROPIC_API_KEY=${token}`, `export ANTHROPIC_BASE_URL=${address}`),
      lines(
        'javascript',
        `import Anthropic from '@anthropic-ai/sdk'`,
        '',
        'const anthropic = new Anthropic()',
        `const stream = anthropic.messages.stream({ model: '${slot}', max_tokens: 500, messages: [{ role: 'user', content: 'Hello' }] })`,
        `stream.on('text', (text) => process.stdout.write(text))`,
        'await stream.finalMessage()',
      ),
      lines(
        'python',
        'from anthropic import Anthropic',
        '',
        'client = Anthropic()',
        `message = client.messages.create(model="${slot}", max_tokens=500, messages=[{"role": "user", "content": "Hello"}])`,
        'print(message.content[0].text)',
      ),
    ],
  },
  {
    id: 'ollama',
    name: 'Ollama: its command and its libraries',
    tokenName: 'ollama-cli',
    pieces: ({ address, token, slot }) => [
      lines('terminal', `TOKEN=${token}`, `export OLLAMA_HOST=${address}/t/$TOKEN`, `ollama run ${slot} "Why is the sky blue?"`),
      lines(
        'javascript',
        `import { Ollama } from 'ollama'`,
        '',
        `const token = '${token}'`,
        `const ollama = new Ollama({ host: '${address}', headers: { authorization: \`Bearer \${token}\` } })`,
        `const answer = await ollama.chat({ model: '${slot}', messages: [{ role: 'user', content: 'Hello' }] })`,
      ),
      lines(
        'python',
        'from ollama import Client',
        '',
        `token = "${token}"`,
        `client = Client(host="${address}", headers={"Authorization": f"Bearer {token}"})`,
        `answer = client.chat(model="${slot}", messages=[{"role": "user", "content": "Hello"}])`,
      ),
    ],
  },
  {
    id: 'curl',
    name: 'curl',
    tokenName: 'curl',
    pieces: ({ address, token, slot }) => [
      lines(
        'terminal',
        `TOKEN=${token}`,
        `curl -s ${address}/v1/chat/completions -H "Authorization: Bearer $TOKEN" ${json} \\`,
        `    -d ${question(slot)}`,
      ),
      lines(
        'anthropicLines',
        `curl -sN ${address}/v1/messages -H "x-api-key: $TOKEN" -H 'anthropic-version: 2023-06-01' ${json} \\`,
        `    -d ${question(slot, '"max_tokens":200,"stream":true,')}`,
      ),
      lines('ollamaLines', `curl -sN ${address}/t/$TOKEN/api/chat \\`, `    -d ${question(slot)}`),
      lines('modelsLines', `curl -s ${address}/v1/models -H "Authorization: Bearer $TOKEN"`),
    ],
  },
  {
    id: 'claude-code',
    name: 'Claude Code',
    tokenName: 'claude-code',
    ownSlot: 'code',
    pieces: ({ address, token, slot }) => [
      lines(
        'terminal',
        `export ANTHROPIC_BASE_URL=${address}`,
        `export ANTHROPIC_AUTH_TOKEN=${token}`,
        `export ANTHROPIC_MODEL=${slot} ANTHROPIC_DEFAULT_HAIKU_MODEL=${slot}`,
        'claude',
      ),
    ],
  },
  {
    id: 'cline',
    name: 'Cline',
    tokenName: 'cline',
    pieces: ({ address, token, slot }) => [
      {
        where: 'settings',
        fields: [
          ['API Provider', 'OpenAI Compatible'],
          ['Base URL', `${address}/v1`],
          ['API Key', token],
          ['Model ID', slot],
        ],
      },
    ],
  },
  {
    id: 'continue',
    name: 'Continue',
    tokenName: 'continue',
    pieces: ({ address, token, slot }) => [
      lines(
        'configYaml',
        'name: Local',
        'version: 0.0.1',
        'schema: v1',
        'models:',
        '  - name: Modelyard',
        '    provider: openai',
        `    model: ${slot}`,
        `    apiBase: ${address}/v1`,
        `    apiKey: ${token}`,
        '    roles: [chat, edit, apply]',
      ),
    ],
  },
  {
    id: 'open-webui',
    name: 'Open WebUI',
    tokenName: 'open-webui',
    pieces: ({ address, token }) => [
      {
        where: 'settings',
        fields: [
          ['URL', `${address}/v1`],
          ['API Key', token],
        ],
      },
      lines('terminal', `export OPENAI_API_BASE_URL=${address}/v1`, `export OPENAI_API_KEY=${token}`, 'open-webui serve'),
    ],
  },
  {
    id: 'zed',
    name: 'Zed',
    tokenName: 'zed',
    pieces: ({ address, token, slot }) => [
      lines(
        'settingsJson',
        '{',
        '  "language_models": {',
        '    "openai_compatible": {',
        '      "modelyard": {',
        `        "api_url": "${address}/v1",`,
        `        "available_models": [{ "name": "${slot}", "display_name": "Modelyard", "max_tokens": 32768 }]`,
        '      }',
        '    }',
        '  }',
        '}',
      ),
      lines('terminal', `export MODELYARD_API_KEY=${token}`, 'zed .'),
    ],
  },
  {
    id: 'aider',
    name: 'Aider',
    tokenName: 'aider',
    pieces: ({ address, token, slot }) => [
      lines('terminal', `export OPENAI_API_BASE=${address}/v1`, `export OPENAI_API_KEY=${token}`, `aider --model openai/${slot}`),
    ],
  },
  {
    id: 'ai-sdk',
    name: 'AI SDK',
    tokenName: 'my-app',
    pieces: ({ address, token, slot }) => [
      lines('terminal', 'npm install ai @ai-sdk/openai-compatible', `export MODELYARD_APP_TOKEN=${token}`),
      lines(
        'javascript',
        `import { createOpenAICompatible } from '@ai-sdk/openai-compatible'`,
        `import { streamText } from 'ai'`,
        '',
        'const modelyard = createOpenAICompatible({',
        `  name: 'modelyard',`,
        `  baseURL: '${address}/v1',`,
        '  apiKey: process.env.MODELYARD_APP_TOKEN,',
        '  includeUsage: true,',
        '  supportsStructuredOutputs: true,',
        '})',
        `const { textStream } = streamText({ model: modelyard('${slot}'), prompt: 'Why is the sky blue?' })`,
        'for await (const text of textStream) process.stdout.write(text)',
      ),
    ],
  },
  {
    id: 'langchain',
    name: 'LangChain',
    tokenName: 'my-app',
    pieces: ({ address, token, slot }) => [
      lines(
        'javascript',
        `import { ChatOllama } from '@langchain/ollama'`,
        `import { ChatOpenAI } from '@langchain/openai'`,
        '',
        `const token = '${token}'`,
        `const openai = new ChatOpenAI({ model: '${slot}', apiKey: token, configuration: { baseURL: '${address}/v1' } })`,
        `const ollama = new ChatOllama({ model: '${slot}', baseUrl: '${address}', headers: { authorization: \`Bearer \${token}\` } })`,
        `const answer = await openai.invoke('Why is the sky blue?')`,
      ),
      lines(
        'python',
        'from langchain_ollama import ChatOllama',
        'from langchain_openai import ChatOpenAI',
        '',
        `token = "${token}"`,
        `openai = ChatOpenAI(model="${slot}", api_key=token, base_url="${address}/v1")`,
        `ollama = ChatOllama(model="${slot}", base_url="${address}", client_kwargs={"headers": {"Authorization": f"Bearer {token}"}})`,
        'answer = openai.invoke("Why is the sky blue?")',
      ),
    ],
  },
] as const satisfies readonly ClientGuide[]

export type ClientId = (typeof clients)[number]['id']

export const guideOf = (id: string): (typeof clients)[number] => clients.find((one) => one.id === id) ?? clients[0]
