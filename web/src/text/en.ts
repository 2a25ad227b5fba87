/**
 * Every word that the page and the elements say, in English. What depends on a number or a name is a function. One
 * section for each part of the page.
 */
import { countText } from './numbers.ts'

const many = (count: number, one: string, other: string): string => `${countText(count)} ${count === 1 ? one : other}`

export const en = {
  name: 'Modelyard',
  common: {
    cancel: 'Cancel',
    close: 'Close',
    copy: 'Copy',
    copied: 'Copied',
    tryAgain: 'Try again',
    unknown: 'not known',
    none: 'none',
    details: 'Details',
    more: 'More',
    loading: 'Loading',
  },
  frame: {
    navigation: 'Panels',
    skip: 'Skip to the content',
    slots: 'Slots',
    theme: { label: 'Theme', system: 'As the system', light: 'Light', dark: 'Dark' },
    jobs: (count: number) => many(count, 'job', 'jobs'),
    connection: {
      open: 'Connected',
      trying: 'Not connected',
      lost: (time: string) => `Connection lost. What is shown was true at ${time}. Trying again.`,
      back: 'Connected again; everything is up to date',
    },
    notFound: (path: string) => `There is no page ${path}.`,
  },
  panels: {
    switch: 'Switch',
    get: 'Get',
    models: 'Models',
    try: 'Try',
    activity: 'Activity',
    connect: 'Connect',
    settings: 'Settings',
  },
  session: {
    title: 'Sign in',
    how: 'This page controls the models of the machine that serves it, so it asks who you are. In a terminal on that machine:',
    command: 'modelyard open',
    otherwise:
      'It opens this page signed in. If it cannot, it prints a link: paste it here. A link is good for one minute and for one use.',
    field: 'Link or code',
    button: 'Sign in',
    signingIn: 'Signing in',
    signOut: 'Sign out',
    ended: 'This browser is signed out: its token is not known any more.',
  },
  unreachable: {
    title: 'The service does not answer',
    what: (url: string) => `Nothing answered at ${url}. It is tried again by itself.`,
    start: 'To start it:',
    command: 'modelyard serve',
  },
  states: {
    slot: { empty: 'empty', switching: 'switching', serving: 'serving', unverified: 'unverified', degraded: 'degraded' },
    idle: 'unloaded until the next request',
    loaded: 'loaded',
    provider: {
      ready: 'ready',
      starting: 'starting',
      stopped: 'stopped',
      unreachable: 'unreachable',
      not_installed: 'not installed',
      impostor: 'not what it should be',
      unauthorized: 'refuses our key',
      disabled: 'disabled',
    },
  },
  slotBar: {
    nothing: 'nothing serves',
    verified: (ago: string) => `verified ${ago}`,
    running: (count: number) => many(count, 'request', 'requests'),
    waiting: (count: number) => `${countText(count)} waiting`,
  },
  switch: {
    title: 'Switch',
    filter: 'Filter models',
    placeholder: 'Filter by name, engine, quantization',
    list: 'Models',
    hint: 'Enter uses the model that is meant',
    count: (shown: number, all: number) => (shown === all ? many(all, 'model', 'models') : `${countText(shown)} of ${countText(all)}`),
    nothingFits: 'No model is like that.',
    clear: 'Clear the filter',
    use: 'Use',
    serves: (slots: string) => `serves ${slots}`,
    switchingTo: (model: string, slot: string) => `${slot}: switching to ${model}`,
    keepsServing: (model: string) => `${model} keeps serving until this one has answered.`,
    steps: {
      resolve: 'found',
      admit: 'room planned',
      wait_turn: 'waiting for its turn',
      make_room: 'making room',
      drain: 'letting requests end',
      unload: 'unloading',
      load: 'loading',
      verify: 'verifying',
      cut_over: 'cutting over',
      persist: 'remembering the choice',
      release: 'releasing the old model',
      roll_back: 'rolling back',
    },
    cancelling: 'It is being cancelled',
    outcome: {
      switched: (model: string, slot: string) => `${model} serves ${slot}.`,
      already_active: (model: string, slot: string) => `${model} served ${slot} already.`,
      rolled_back: (model: string | undefined, slot: string) =>
        model === undefined ? `Nothing serves ${slot}, as before.` : `${model} serves ${slot}, as before.`,
      rejected: (model: string | undefined, slot: string) =>
        model === undefined ? `Nothing serves ${slot}, as before.` : `${model} serves ${slot}; nothing was touched.`,
      superseded: 'Another switch was asked for meanwhile.',
      cancelled: (model: string | undefined, slot: string) =>
        model === undefined ? `Cancelled. Nothing serves ${slot}, as before.` : `Cancelled. ${model} serves ${slot}, as before.`,
      degraded: (slot: string) => `Nothing answers on ${slot}: neither the new model nor the old one.`,
    },
    answered: (words: string) => `It answered: ${words}`,
    failed: (model: string) => `${model} could not be used:`,
  },
  get: {
    title: 'Get',
  },
  models: {
    title: 'Models',
  },
  try: {
    title: 'Try',
  },
  activity: {
    title: 'Activity',
  },
  connect: {
    title: 'Connect an app',
  },
  settings: {
    title: 'Settings',
  },
  firstRun: {},
  palette: {
    title: 'Commands',
  },
}

export type Catalogue = typeof en
