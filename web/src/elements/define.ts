/** Makes names of elements known, once: another copy of this module may have been there first. */
export function define(
  registry: Pick<CustomElementRegistry, 'get' | 'define'>,
  classes: Readonly<Record<string, CustomElementConstructor>>,
): void {
  for (const [name, one] of Object.entries(classes)) if (!registry.get(name)) registry.define(name, one)
}
