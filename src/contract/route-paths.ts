/** Where the routes of the control API are, without schemas: a browser that only calls them needs no more. */
export interface RouteAddress {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Parameters in braces; each is one percent-encoded segment. */
  readonly path: string
  /** Asked without a token. */
  readonly open?: boolean
}

/** Every route of the control API, by the name that handlers, client and description share. */
export const routePaths = {
  health: { method: 'GET', path: '/healthz', open: true },
  status: { method: 'GET', path: '/yard/v1/status' },
  hardware: { method: 'GET', path: '/yard/v1/hardware' },
  listProviders: { method: 'GET', path: '/yard/v1/providers' },
  detectProviders: { method: 'POST', path: '/yard/v1/providers/detect' },
  startProvider: { method: 'POST', path: '/yard/v1/providers/{id}/start' },
  listModels: { method: 'GET', path: '/yard/v1/models' },
  showModel: { method: 'GET', path: '/yard/v1/models/{ref}' },
  updateModel: { method: 'PATCH', path: '/yard/v1/models/{ref}' },
  removeModel: { method: 'DELETE', path: '/yard/v1/models/{ref}' },
  loadModel: { method: 'POST', path: '/yard/v1/models/{ref}/load' },
  unloadModel: { method: 'POST', path: '/yard/v1/models/{ref}/unload' },
  listSlots: { method: 'GET', path: '/yard/v1/slots' },
  showSlot: { method: 'GET', path: '/yard/v1/slots/{slot}' },
  putSlot: { method: 'PUT', path: '/yard/v1/slots/{slot}' },
  deleteSlot: { method: 'DELETE', path: '/yard/v1/slots/{slot}' },
  chat: { method: 'POST', path: '/yard/v1/slots/{slot}/chat' },
  switch: { method: 'POST', path: '/yard/v1/slots/{slot}/switch' },
  listSwitches: { method: 'GET', path: '/yard/v1/switches' },
  showSwitch: { method: 'GET', path: '/yard/v1/switches/{id}' },
  cancelSwitch: { method: 'DELETE', path: '/yard/v1/switches/{id}' },
  catalog: { method: 'GET', path: '/yard/v1/catalog' },
  searchHub: { method: 'GET', path: '/yard/v1/hub/search' },
  showRepository: { method: 'GET', path: '/yard/v1/hub/models/{publisher}/{repo}' },
  preflightJob: { method: 'POST', path: '/yard/v1/jobs/preflight' },
  startJob: { method: 'POST', path: '/yard/v1/jobs' },
  listJobs: { method: 'GET', path: '/yard/v1/jobs' },
  showJob: { method: 'GET', path: '/yard/v1/jobs/{id}' },
  pauseJob: { method: 'POST', path: '/yard/v1/jobs/{id}/pause' },
  resumeJob: { method: 'POST', path: '/yard/v1/jobs/{id}/resume' },
  cancelJob: { method: 'POST', path: '/yard/v1/jobs/{id}/cancel' },
  listTokens: { method: 'GET', path: '/yard/v1/tokens' },
  createToken: { method: 'POST', path: '/yard/v1/tokens' },
  revokeToken: { method: 'DELETE', path: '/yard/v1/tokens/{name}' },
  showConfig: { method: 'GET', path: '/yard/v1/config' },
  updateSettings: { method: 'PATCH', path: '/yard/v1/settings' },
  doctor: { method: 'GET', path: '/yard/v1/doctor' },
  fixFindings: { method: 'POST', path: '/yard/v1/doctor/fix' },
  usage: { method: 'GET', path: '/yard/v1/usage' },
  events: { method: 'GET', path: '/yard/v1/events' },
  openapi: { method: 'GET', path: '/yard/v1/openapi.json' },
  metrics: { method: 'GET', path: '/yard/v1/metrics' },
  createCode: { method: 'POST', path: '/yard/v1/session/codes' },
  signIn: { method: 'POST', path: '/yard/v1/session', open: true },
  signOut: { method: 'DELETE', path: '/yard/v1/session' },
} as const satisfies Record<string, RouteAddress>

export type RouteName = keyof typeof routePaths
