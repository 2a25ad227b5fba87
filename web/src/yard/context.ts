/** Hands the yard to every part below, in the page and in an element alike. */
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { YardView } from './yard.ts'

export const YardContext = createContext<YardView | undefined>(undefined)

export function useYard(): YardView {
  const yard = useContext(YardContext)
  if (!yard) throw new Error('a part of the page was drawn without a yard')
  return yard
}
