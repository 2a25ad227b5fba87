/** A part that is drawn anew only when one of its properties is another one than before. */
import { Component, type ComponentType, type JSX } from 'preact'

export function memo<P extends object>(Part: (props: P) => JSX.Element): ComponentType<P> {
  return class extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      return !alike(this.props as P, next)
    }
    override render(): JSX.Element {
      return <Part {...(this.props as P)} />
    }
  }
}

function alike<P extends object>(a: P, b: P): boolean {
  const names = Object.keys(a) as (keyof P)[]
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name])
}
