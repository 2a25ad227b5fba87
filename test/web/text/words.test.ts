/** The catalogue of words has none that nobody says: what is not used any more is not translated. */
import { join } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'

const web = join(import.meta.dirname, '../../../web')
const file = join(web, 'src/text/en.ts')

/** The words by their path in the catalogue, and where each group or word is declared. */
function catalogueOf(source: ts.SourceFile): Map<ts.Node, string> {
  const found = new Map<ts.Node, string>()
  const visit = (object: ts.ObjectLiteralExpression, path: string): void => {
    for (const one of object.properties) {
      if (!ts.isPropertyAssignment(one)) continue
      const name = `${path}${one.name.getText(source).replace(/^'|'$/g, '')}`
      found.set(one, name)
      const value = ts.isAsExpression(one.initializer) ? one.initializer.expression : one.initializer
      if (ts.isObjectLiteralExpression(value)) visit(value, `${name}.`)
    }
  }
  source.forEachChild((node) => {
    if (!ts.isVariableStatement(node)) return
    const [declared] = node.declarationList.declarations
    if (declared?.name.getText(source) === 'en' && declared.initializer && ts.isObjectLiteralExpression(declared.initializer))
      visit(declared.initializer, '')
  })
  return found
}

/** A group that is only passed through on the way to one of its words, which is named then. */
function isOnTheWay(node: ts.Node): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(node) && ts.isPropertyAccessExpression(parent)) return parent.expression === node
  if (ts.isVariableDeclaration(parent)) return parent.initializer === node && parent.type === undefined
  return ts.isBindingElement(node) && (ts.isObjectBindingPattern(node.name) || ts.isIdentifier(node.name))
}

function keysOf(type: ts.Type): string[] | undefined {
  const all = (type.isUnion() ? type.types : [type]).map((one) => (one.isStringLiteral() ? one.value : undefined))
  const known = all.filter((one) => one !== undefined)
  return known.length === all.length ? known : undefined
}

function wordsUsed(program: ts.Program, catalogue: ReadonlyMap<ts.Node, string>): ReadonlySet<string> {
  const checker = program.getTypeChecker()
  const used = new Set<string>()
  const use = (symbol: ts.Symbol | undefined, isWhole: boolean): void => {
    for (const one of symbol?.declarations ?? []) {
      const name = catalogue.get(one)
      if (name !== undefined) used.add(isWhole ? `${name}.*` : name)
    }
  }
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node)) use(checker.getSymbolAtLocation(node.name), !isOnTheWay(node))
    if (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent)) {
      const name = (node.propertyName ?? node.name).getText()
      use(checker.getTypeAtLocation(node.parent).getProperty(name), false)
    }
    // By a key that is computed: each that it can be, or any of the group where nothing says which.
    if (ts.isElementAccessExpression(node)) {
      const keys = keysOf(checker.getTypeAtLocation(node.argumentExpression))
      const group = checker.getTypeAtLocation(node.expression)
      for (const one of group.getProperties()) if (!keys || keys.includes(one.name)) use(one, true)
    }
    node.forEachChild(visit)
  }
  for (const source of program.getSourceFiles()) {
    if (source.fileName.startsWith(join(web, 'src')) && source.fileName !== file) visit(source)
  }
  return used
}

it('has no word that nobody says', { timeout: 120_000 }, () => {
  const { config } = ts.readConfigFile(join(web, 'tsconfig.json'), ts.sys.readFile)
  const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, web)
  const program = ts.createProgram(fileNames, options)
  const source = program.getSourceFile(file) ?? expect.fail('there is no catalogue of words')
  const catalogue = catalogueOf(source)
  const used = wordsUsed(program, catalogue)
  const names = [...catalogue.values()]
  const leaves = names.filter((name) => !names.some((other) => other.startsWith(`${name}.`)))
  const isUsed = (name: string): boolean =>
    used.has(name) || used.has(`${name}.*`) || name.split('.').some((_, at, parts) => used.has(`${parts.slice(0, at).join('.')}.*`))
  expect(leaves.length).toBeGreaterThan(500)
  expect(leaves.filter((name) => !isUsed(name))).toEqual([])
})
