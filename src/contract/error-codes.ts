/**
 * The one table of error codes: every door renders its errors from it.
 *
 * `status` is the HTTP status, `exit` the CLI's exit code, `retryable` whether the same call may succeed later
 * without anybody changing anything, `title` the sentence without particulars, `hint` what to do when the place that
 * raised the error knows nothing better.
 */
export interface ErrorCodeEntry {
  readonly status: number
  readonly exit: number
  readonly retryable: boolean
  readonly title: string
  readonly hint: string
}

const entry = (status: number, exit: number, retryable: boolean, title: string, hint: string): ErrorCodeEntry => ({
  status,
  exit,
  retryable,
  title,
  hint,
})

export const errorCodes = {
  invalid_request: entry(400, 2, false, 'The request is not valid.', 'Correct the named field and send it again.'),
  unauthorized: entry(
    401,
    1,
    false,
    'A valid token is required.',
    'Send the token as "Authorization: Bearer …"; `modelyard token` prints it.',
  ),
  forbidden: entry(403, 1, false, 'This caller is not allowed here.', 'Allow the host or origin with --allow-host or --allow-origin.'),
  not_found: entry(404, 3, false, 'There is nothing at this address.', 'See /yard/v1/openapi.json for the routes.'),
  method_not_allowed: entry(405, 2, false, 'This address does not answer that method.', 'See /yard/v1/openapi.json for the routes.'),
  model_not_found: entry(404, 3, false, 'No provider has this model.', 'List what is there with `modelyard ls --all`.'),
  provider_not_found: entry(404, 3, false, 'No provider has this id.', 'List the providers with `modelyard providers`.'),
  slot_not_found: entry(404, 3, false, 'No slot has this name.', 'Add it with `modelyard slots add NAME`.'),
  switch_not_found: entry(404, 3, false, 'No switch has this id.', 'The newest 200 are kept: GET /yard/v1/switches.'),
  repo_not_found: entry(
    404,
    3,
    false,
    'The Hub has no such repository, file or revision, or it is private.',
    'Look with `modelyard search WORDS`; a private one needs HF_TOKEN.',
  ),
  job_not_found: entry(404, 3, false, 'No job has this id.', 'List them with `modelyard jobs`.'),
  token_not_found: entry(404, 3, false, 'No app token has this name.', 'List them with `modelyard token ls`.'),
  file_not_found: entry(404, 3, false, 'There is no such file.', 'Correct the path.'),
  model_ambiguous: entry(409, 4, false, 'Several providers have a model of this name.', 'Name one of the candidates as provider/name.'),
  not_a_chat_model: entry(
    422,
    1,
    false,
    'This model cannot answer a chat.',
    'Choose a chat model, or overrule its kind in the configuration under "models".',
  ),
  conflict: entry(409, 1, true, 'Something else is using what this call needs.', 'Wait until it has ended, then call again.'),
  payload_too_large: entry(413, 2, false, 'The request body is too large.', 'Send at most 1 MiB to the control API.'),
  unsupported_media_type: entry(415, 2, false, 'The request body must be JSON.', 'Send "Content-Type: application/json".'),
  provider_unreachable: entry(503, 7, true, 'The model server does not answer.', 'Start it, or correct its address in the configuration.'),
  provider_stopped: entry(503, 7, true, 'The model server is installed but does not run.', 'Start it with `modelyard providers start ID`.'),
  provider_not_installed: entry(503, 7, false, 'The model server is not installed.', 'Install it, or choose another provider.'),
  provider_unauthorized: entry(
    502,
    7,
    false,
    'The model server refuses our key.',
    'Name the variable that holds its key as "apiKeyEnv" in the configuration.',
  ),
  provider_impostor: entry(
    502,
    7,
    false,
    'Something else answers at the address of this model server.',
    'Correct the address in the configuration.',
  ),
  provider_error: entry(502, 1, true, 'The model server answered with an error.', 'See its log; the message above is its own.'),
  provider_protocol: entry(
    502,
    1,
    true,
    'The model server answered in a form that is not understood.',
    'Check its version; the message says what was expected.',
  ),
  provider_busy: entry(503, 1, true, 'The model server has too much to do.', 'Try again in a moment.'),
  load_failed: entry(
    422,
    1,
    false,
    'The model could not be loaded.',
    "The engine's own reason is in the message; the file may be damaged or of an unknown architecture.",
  ),
  out_of_memory: entry(
    422,
    8,
    false,
    'The model does not fit into memory.',
    'Choose a smaller model, quantization or context, or unload others.',
  ),
  hub_unreachable: entry(503, 7, true, 'The Hub does not answer.', 'Look at the network; HF_ENDPOINT names another Hub.'),
  hub_protocol: entry(
    502,
    1,
    true,
    'The Hub answered with what was not understood.',
    'A proxy or a sign-in page may stand between; try again later.',
  ),
  hub_redirect: entry(
    502,
    1,
    true,
    'The Hub leads to an address that is not followed.',
    'A proxy or a sign-in page may stand between; addresses of other schemes and of private networks are never followed.',
  ),
  unsafe_name: entry(
    422,
    2,
    false,
    'A name from the Hub cannot be stored safely.',
    'Choose another repository or file; names that climb, hide or are reserved are refused.',
  ),
  not_a_model_file: entry(422, 2, false, 'The file is no GGUF model that can be used.', 'Choose another file or quantization.'),
  shard_missing: entry(422, 1, false, 'A file of the set is missing.', 'Choose another quantization; this one cannot be loaded.'),
  import_failed: entry(
    502,
    1,
    true,
    'The model server did not take the model.',
    'The reason is its own; try again, or choose another with --into.',
  ),
  in_use: entry(409, 1, false, 'The model serves a slot.', 'Name another with --replace-with, or empty the slot with --empty-slot.'),
  foreign_files: entry(409, 1, false, 'Somebody else put these files there.', 'Remove them all the same with --foreign.'),
  disk_full: entry(507, 8, false, 'The disk is full.', 'Make room and try again.'),
  verification_failed: entry(
    422,
    1,
    false,
    'The model was loaded but did not answer as it should.',
    'Try it by hand with `modelyard chat REF`.',
  ),
  context_length_exceeded: entry(
    400,
    2,
    false,
    'The prompt is longer than the context of the model.',
    'Shorten it, or set a larger context with `modelyard set REF --ctx N`.',
  ),
  slot_empty: entry(503, 1, false, 'The slot has no model.', 'Fill it with `modelyard use REF`.'),
  slot_unavailable: entry(
    503,
    6,
    true,
    'The slot has no model that answers.',
    'See the reason with `modelyard slots`; switch to a model that works.',
  ),
  queue_timeout: entry(
    503,
    1,
    true,
    'The request waited too long for a model to serve it.',
    'Try again; `queueSeconds` of the slot is the limit.',
  ),
  rate_limited: entry(429, 1, true, 'Too many requests.', 'Wait a moment and try again.'),
  overloaded: entry(503, 1, true, 'The service has too much to do.', 'Try again in a moment.'),
  timeout: entry(504, 1, true, 'The time allowed has passed.', 'Try again; a model server under load answers slowly.'),
  cancelled: entry(409, 130, false, 'It was cancelled.', 'Start it again when it is wanted.'),
  superseded: entry(409, 1, false, 'A newer request took its place.', 'Look at the newer one.'),
  unsupported_operation: entry(422, 1, false, 'This model server cannot do that.', 'See `capabilities` of the provider.'),
  address_is_our_own: entry(
    422,
    2,
    false,
    'The address of this provider is our own.',
    'Give the provider the address of the model server, not of Modelyard.',
  ),
  home_held: entry(
    409,
    9,
    false,
    'Another service holds this home.',
    'Use that one, end it with `modelyard stop`, or give another --home.',
  ),
  port_taken: entry(409, 1, false, 'The port is taken.', 'Choose another with --port, or --port 0 for a free one.'),
  service_unreachable: entry(503, 7, true, 'No Modelyard service answers.', 'Start it with `modelyard serve`.'),
  invalid_configuration: entry(
    422,
    2,
    false,
    'The configuration is not valid.',
    'Correct the named line; `modelyard config check` judges it.',
  ),
  invalid_env_file: entry(422, 2, false, 'The .env file cannot be read or edited safely.', 'Correct the named line by hand.'),
  hash_mismatch: entry(422, 1, true, 'The bytes do not have the promised hash.', 'Fetch them again.'),
  gated: entry(403, 10, false, 'The repository asks for a sign-in or a licence.', 'Open its page, accept the licence, and sign in.'),
  interrupted: entry(409, 130, true, 'It was interrupted.', 'Start it again when it is wanted.'),
  internal: entry(500, 1, false, 'A fault of Modelyard itself.', 'Please report it with the log of `modelyard logs`.'),
} as const satisfies Record<string, ErrorCodeEntry>

export type ErrorCode = keyof typeof errorCodes

export const isErrorCode = (value: unknown): value is ErrorCode => typeof value === 'string' && Object.hasOwn(errorCodes, value)
