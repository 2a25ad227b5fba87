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

/** Bytes a second: `5M`, `500k`, `1.5MB/s`; `i` makes it binary. Between 1 kB and 1 TB. */
export function rate(name: string): (text: string) => number {
  return (text) => {
    const [, count, unit = '', binary] = /^(\d{1,6}(?:\.\d{1,3})?)([kmg]?)(i?)b?(?:\/s)?$/i.exec(text) ?? []
    const value = Math.round(Number(count) * (binary ? 1024 : 1000) ** ['', 'k', 'm', 'g'].indexOf(unit.toLowerCase()))
    if (value >= 1024 && value <= 1e12) return value
    throw wrongValue(`${name} takes bytes a second such as 5M or 500k, from 1024 on, not "${text}".`)
  }
}

export const wrongValue = (message: string): ModelyardError =>
  new ModelyardError('invalid_request', message, { hint: 'Correct it and try again.' })
