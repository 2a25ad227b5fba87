import type { ArgumentSpec, CommandSpec, OptionSpec } from './command-spec.ts'
import { oneOf, rate, wholeNumber } from './option-values.ts'

/** Those of the contract, which is not loaded for a help text; a test compares them. */
export const policyNames = ['auto', 'overlap', 'replace', 'exclusive'] as const

const ref = (form: string, what: string): ArgumentSpec => ({ form, what, values: 'model' })
const slotOption: OptionSpec = { form: '--slot <name>', what: 'the slot to move (default: default)', values: 'slot' }
const foreground: OptionSpec = { form: '--foreground', what: 'do it in this process; start no service' }
const ctx: OptionSpec = { form: '--ctx <n>', what: 'context in tokens', parse: wholeNumber('--ctx', 4) }
const gpuLayers: OptionSpec = { form: '--gpu-layers <n>', what: 'layers on the GPU; 0 is CPU only', parse: wholeNumber('--gpu-layers', 0) }

/** Accepted by every command. */
export const commonOptions: readonly OptionSpec[] = [
  { form: '--home <folder>', what: 'state folder (MODELYARD_HOME)', values: 'file' },
  { form: '--library <folder>', what: 'folder of GGUF files (MODELYARD_LIBRARY)', values: 'file' },
  { form: '--config <file>', what: 'configuration file (MODELYARD_CONFIG)', values: 'file' },
  { form: '--json', what: 'JSON on standard output' },
]

const service: readonly CommandSpec[] = [
  {
    name: 'serve',
    what: 'Run the service',
    options: [
      { form: '--host <address>', what: 'address to listen on (MODELYARD_HOST)' },
      { form: '--allow-remote', what: 'allow a --host that other machines can reach' },
      { form: '--port <n>', what: 'port to listen on; 0 picks a free one (MODELYARD_PORT)', parse: wholeNumber('--port', 0) },
      { form: '--allow-host <name>', what: 'another name accepted in Host', repeatable: true },
      { form: '--allow-origin <origin>', what: 'another origin of browser apps', repeatable: true },
      { form: '--dotenv <file>', what: 'the .env that mirrors the choice (MODELYARD_ENV_FILE)', values: 'file' },
      { form: '--exit-with-parent', what: 'end when standard input closes' },
    ],
    examples: ['modelyard serve', 'modelyard serve --port 0 --json', 'modelyard serve --dotenv ~/my-app/.env --exit-with-parent'],
    load: () => import('./commands/serve.ts'),
  },
  {
    name: 'open',
    what: 'Open the page in the browser, signed in',
    options: [{ form: '--print', what: 'print the link instead: one minute, one browser' }],
    examples: ['modelyard open', 'modelyard open --print'],
    load: () => import('./commands/open.ts'),
  },
  { name: 'stop', what: 'End the running service', examples: ['modelyard stop'], load: () => import('./commands/stop.ts') },
  {
    name: 'status',
    what: 'One screen of what is going on',
    examples: ['modelyard status', 'modelyard status --json'],
    load: () => import('./commands/status.ts'),
  },
  {
    name: 'logs',
    what: 'The log of a service that was started in the background',
    options: [{ form: '-f, --follow', what: 'go on as it grows' }],
    examples: ['modelyard logs', 'modelyard logs -f'],
    load: () => import('./commands/logs.ts'),
  },
]

const models: readonly CommandSpec[] = [
  {
    name: 'ls',
    aliases: ['list'],
    what: 'The models of all providers',
    options: [
      { form: '--all', what: 'embedding, reranker and other models too' },
      { form: '--provider <id>', what: 'of one provider only', values: 'provider' },
    ],
    examples: ['modelyard ls', 'modelyard ls --all --provider ollama', 'modelyard ls --json'],
    load: () => import('./commands/ls.ts'),
  },
  {
    name: 'ps',
    what: 'What is loaded, how big, by whom, and what it did in the last hour',
    examples: ['modelyard ps', 'modelyard ps --json'],
    load: () => import('./commands/ps.ts'),
  },
  {
    name: 'show',
    what: 'One model with details, or a repository of the Hub and what of it fits here',
    arguments: [ref('<ref>', 'provider/name, a name, or publisher/repo of the Hub')],
    examples: ['modelyard show ollama/qwen3:8b', 'modelyard show qwen3:8b --json', 'modelyard show bartowski/Qwen_Qwen3-8B-GGUF'],
    load: () => import('./commands/show.ts'),
  },
  {
    name: 'search',
    what: 'Search the Hugging Face Hub for GGUF models, and the catalogue',
    arguments: [{ form: '<words...>', what: 'parts of a name' }],
    options: [{ form: '--limit <n>', what: 'this many at most (default: 20)', parse: wholeNumber('--limit', 1) }],
    examples: ['modelyard search qwen3 8b', 'modelyard search gemma --limit 5', 'modelyard search qwen3 --json'],
    load: () => import('./commands/search.ts'),
  },
  {
    name: 'use',
    what: 'Switch a slot: the new model answers first, or nothing changes',
    arguments: [ref('[ref]', 'provider/name, or a name; without it a picker')],
    options: [
      slotOption,
      {
        form: '--policy <name>',
        what: `how to make room: ${policyNames.join(', ')}`,
        values: policyNames,
        parse: oneOf('--policy', policyNames),
      },
      ctx,
      gpuLayers,
      foreground,
    ],
    examples: [
      'modelyard use ollama/qwen3:8b',
      'modelyard use qwen3:8b --slot code --ctx 16384',
      'modelyard use gemma-3-4b --policy replace',
    ],
    load: () => import('./commands/use.ts'),
  },
  {
    name: 'load',
    what: 'Load a model; no slot moves',
    arguments: [ref('<ref>', 'provider/name, or a name')],
    options: [ctx, gpuLayers, { form: '--ttl <time>', what: 'unload after this idle time, such as 30m' }, foreground],
    examples: ['modelyard load ollama/qwen3:8b', 'modelyard load qwen3:8b --ctx 8192 --ttl 30m'],
    load: () => import('./commands/load.ts'),
  },
  {
    name: 'unload',
    what: 'Unload a model',
    arguments: [ref('[ref]', 'provider/name, or a name')],
    options: [{ form: '--all', what: 'all that are loaded' }],
    examples: ['modelyard unload ollama/qwen3:8b', 'modelyard unload --all'],
    load: () => import('./commands/unload.ts'),
  },
  {
    name: 'set',
    what: 'Remember load options of a model, or pin it',
    arguments: [ref('<ref>', 'provider/name, or a name')],
    options: [
      ctx,
      gpuLayers,
      { form: '--reset', what: 'forget its load options' },
      { form: '--pin', what: 'never unload it to make room' },
      { form: '--unpin', what: 'it may be unloaded again' },
    ],
    examples: ['modelyard set ollama/qwen3:8b --ctx 16384', 'modelyard set qwen3:8b --pin', 'modelyard set qwen3:8b --reset'],
    load: () => import('./commands/set.ts'),
  },
  {
    name: 'rm',
    what: 'Uninstall exactly one model; shows first what goes and what stays',
    arguments: [ref('<ref>', 'provider/name, or a name')],
    options: [
      { form: '--dry-run', what: 'only say what would go' },
      { form: '--yes', what: 'do not ask' },
      { form: '--replace-with <ref>', what: 'switch the slots it serves to this one first', values: 'model' },
      { form: '--empty-slot', what: 'empty the slots it serves' },
      { form: '--foreign', what: 'also files that somebody else put there' },
    ],
    examples: ['modelyard rm ollama/qwen3:8b --dry-run', 'modelyard rm ollama/qwen3:8b --yes --replace-with gemma-3-4b'],
    load: () => import('./commands/rm.ts'),
  },
  {
    name: 'chat',
    aliases: ['run'],
    what: 'Ask the model of the default slot, or another one; no slot moves',
    arguments: [
      ref('[ref]', 'a model; a word that names none belongs to the prompt'),
      { form: '[prompt...]', what: 'else standard input, or a conversation' },
    ],
    options: [foreground],
    examples: [
      'modelyard chat "Why is the sky blue?"',
      'modelyard chat ollama/qwen3:8b "Say hello"',
      'git diff | modelyard chat',
      'modelyard chat',
    ],
    load: () => import('./commands/chat.ts'),
  },
]

const into: OptionSpec = { form: '--into <id>', what: 'an engine that gets it; may be said again', values: 'provider', repeatable: true }
const job = (form: string, what = 'its id, or the beginning of it'): ArgumentSpec => ({ form, what, values: 'job' })

const getting: readonly CommandSpec[] = [
  {
    name: 'pull',
    aliases: ['get'],
    what: 'Get a model: shows the plan, then downloads, checks, imports and verifies',
    arguments: [
      { form: '<source>', what: 'pub/repo[:QUANT], an address of the Hub, a catalogue name, a file or folder', values: 'catalog' },
    ],
    options: [
      into,
      { form: '--use', what: 'switch the slot to it at the end' },
      { form: '--no-use', what: 'switch nothing, also when the slot is empty' },
      slotOption,
      { form: '--quant <name>', what: 'the quantization, such as Q4_K_M' },
      { form: '--from <id>', what: 'let this engine pull it by its own name', values: 'provider' },
      { form: '--limit <rate>', what: 'bytes a second at most, such as 5M', parse: rate('--limit') },
      { form: '--dry-run', what: 'only show the plan' },
      foreground,
    ],
    examples: [
      'modelyard pull qwen3-8b',
      'modelyard pull bartowski/Qwen_Qwen3-8B-GGUF:Q4_K_M --into lmstudio --into ollama',
      'modelyard pull https://huggingface.co/bartowski/Qwen_Qwen3-8B-GGUF --dry-run',
      'modelyard pull --from ollama qwen3:8b --use',
      'modelyard pull ./model.gguf --limit 5M',
    ],
    load: () => import('./commands/pull.ts'),
  },
  {
    name: 'share',
    what: 'Give another engine a model that one holds: the same bytes where that can be',
    arguments: [ref('<ref>', 'provider/name, or a name')],
    options: [into, foreground],
    examples: ['modelyard share ollama/qwen3:8b --into lmstudio'],
    load: () => import('./commands/share.ts'),
  },
  {
    name: 'jobs',
    what: 'Long work: what is under way, waits or has ended',
    examples: ['modelyard jobs', 'modelyard jobs watch', 'modelyard jobs pause 3f2a'],
    load: () => import('./commands/jobs.ts'),
    commands: [
      {
        name: 'watch',
        what: 'Show one to its end, or all that have not ended',
        arguments: [job('[id]')],
        examples: ['modelyard jobs watch', 'modelyard jobs watch 3f2a --json'],
        load: () => import('./commands/jobs-watch.ts'),
      },
      {
        name: 'pause',
        what: 'Stop one until it is resumed',
        arguments: [job('<id>')],
        examples: ['modelyard jobs pause 3f2a'],
        load: () => import('./commands/jobs-pause.ts'),
      },
      {
        name: 'resume',
        what: 'Let a paused one go on',
        arguments: [job('<id>')],
        examples: ['modelyard jobs resume 3f2a'],
        load: () => import('./commands/jobs-resume.ts'),
      },
      {
        name: 'cancel',
        what: 'End one; what was fetched is kept for the next time',
        arguments: [job('<id>')],
        options: [{ form: '--remove-partial', what: 'remove what was fetched' }],
        examples: ['modelyard jobs cancel 3f2a', 'modelyard jobs cancel 3f2a --remove-partial'],
        load: () => import('./commands/jobs-cancel.ts'),
      },
    ],
  },
]

const scopes = ['gateway', 'control'] as const

const yard: readonly CommandSpec[] = [
  {
    name: 'slots',
    what: 'Named pointers that apps use as "model"',
    examples: ['modelyard slots', 'modelyard slots add code', 'modelyard slots rm code'],
    load: () => import('./commands/slots.ts'),
    commands: [
      {
        name: 'add',
        what: 'Add a slot',
        arguments: [{ form: '<name>', what: 'a-z, 0-9 and -' }],
        examples: ['modelyard slots add code'],
        load: () => import('./commands/slots-add.ts'),
      },
      {
        name: 'rm',
        what: 'Remove a slot',
        arguments: [{ form: '<name>', what: 'any but default', values: 'slot' }],
        examples: ['modelyard slots rm code'],
        load: () => import('./commands/slots-rm.ts'),
      },
    ],
  },
  {
    name: 'providers',
    what: 'The model servers: what is there, why not, and what to do',
    examples: ['modelyard providers', 'modelyard providers start ollama'],
    load: () => import('./commands/providers.ts'),
    commands: [
      {
        name: 'start',
        what: 'Start the server of a provider',
        arguments: [{ form: '<id>', what: 'its id', values: 'provider' }],
        examples: ['modelyard providers start lmstudio'],
        load: () => import('./commands/providers-start.ts'),
      },
    ],
  },
  {
    name: 'doctor',
    what: 'Check what usually goes wrong',
    options: [
      { form: '--fix', what: 'do what helps; shows it and asks first' },
      { form: '--yes', what: 'do not ask' },
    ],
    examples: ['modelyard doctor', 'modelyard doctor --fix', 'modelyard doctor --fix --yes --json'],
    load: () => import('./commands/doctor.ts'),
  },
  {
    name: 'config',
    what: 'The configuration',
    examples: ['modelyard config show', 'modelyard config check'],
    commands: [
      {
        name: 'show',
        what: 'Effective settings and where each comes from',
        examples: ['modelyard config show', 'modelyard config show --json'],
        load: () => import('./commands/config-show.ts'),
      },
      {
        name: 'check',
        what: 'Judge the configuration file without starting',
        examples: ['modelyard config check', 'modelyard config check --config ./modelyard.config.jsonc'],
        load: () => import('./commands/config-check.ts'),
      },
    ],
  },
  {
    name: 'token',
    what: 'Print the token, for scripts; make others for apps',
    examples: [
      'curl -H "Authorization: Bearer $(modelyard token)" http://127.0.0.1:7411/yard/v1/status',
      'modelyard token create open-webui',
      'modelyard token rotate',
    ],
    load: () => import('./commands/token.ts'),
    commands: [
      { name: 'rotate', what: 'Replace the token', examples: ['modelyard token rotate'], load: () => import('./commands/token-rotate.ts') },
      {
        name: 'create',
        what: 'Make a token for one app, which can be revoked alone; prints it this once',
        arguments: [{ form: '<name>', what: 'of the app: a-z, 0-9, ".", "_", "-"' }],
        options: [
          {
            form: '--scope <scope>',
            what: 'gateway: ask models (default); control: everything',
            values: scopes,
            parse: oneOf('--scope', scopes),
          },
        ],
        examples: ['modelyard token create open-webui', 'modelyard token create my-panel --scope control'],
        load: () => import('./commands/token-create.ts'),
      },
      {
        name: 'ls',
        what: 'The tokens of apps, and when each was last used',
        examples: ['modelyard token ls', 'modelyard token ls --json'],
        load: () => import('./commands/token-ls.ts'),
      },
      {
        name: 'revoke',
        what: "End an app's token; what runs with it ends",
        arguments: [{ form: '<name>', what: 'its name' }],
        examples: ['modelyard token revoke open-webui'],
        load: () => import('./commands/token-revoke.ts'),
      },
    ],
  },
]

const shells = ['bash', 'zsh', 'fish'] as const

const rest: readonly CommandSpec[] = [
  {
    name: 'demo',
    what: 'Show a proven switch, a failed one undone, and a download that survives, on a bare machine',
    examples: ['modelyard demo'],
    load: () => import('./commands/demo.ts'),
  },
  {
    name: 'completion',
    what: 'Print the completion script of a shell',
    arguments: [{ form: '<shell>', what: shells.join(', '), values: shells }],
    examples: ['source <(modelyard completion bash)', 'modelyard completion fish > ~/.config/fish/completions/modelyard.fish'],
    load: () => import('./commands/completion.ts'),
  },
  { name: 'version', what: 'Print the version', examples: ['modelyard version --json'], load: () => import('./commands/version.ts') },
  {
    name: '__complete',
    what: 'Names for completion',
    hidden: true,
    arguments: [{ form: '<kind>', what: 'model, slot, provider, job or catalog' }],
    examples: [],
    load: () => import('./commands/complete.ts'),
  },
]

/** Every command, in the order of the help. */
export const commandTable: readonly CommandSpec[] = [...service, ...models, ...getting, ...yard, ...rest]
