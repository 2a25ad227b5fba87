/** Checks of option values that need no schema, so that a help text loads none. */
import { ModelyardError } from '../contract/error.ts'

export function wholeNumber(name: string, least: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    if (value >= least) return value
    throw wrongValue(`${name} takes a whole number from ${least}, not "${text}".`)
  }
}

export function oneOf(name: string, values: readonly string[]): (text: string) => string {
  return (text) => {
    if (values.includes(text)) return text
    throw wrongValue(`${name} is one of ${values.join(', ')}, not "${text}".`)
  }
}

export const wrongValue = (message: string): ModelyardError =>
  new ModelyardError('invalid_request', message, { hint: 'Correct it and try again.' })
