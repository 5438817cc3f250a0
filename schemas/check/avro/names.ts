/** A name by Avro's rules: the short name, its namespace ('' for none), and both joined. */
export interface FullName {
  readonly name: string
  readonly namespace: string
  readonly fullName: string
}

/** A dotted name carries its namespace and wins over the one around it. */
export function fullNameOf(name: string, namespace: string): FullName {
  const dot = name.lastIndexOf('.')
  const short = name.slice(dot + 1)
  const space = dot < 0 ? namespace : name.slice(0, dot)
  return { name: short, namespace: space, fullName: space === '' ? short : `${space}.${short}` }
}

/** What a name in a reference means inside a namespace. */
export function referenced(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`
}

/** The Java reference takes any letter; the specification only ASCII. `isPortableName` tells them apart. */
const LEGAL = /^[\p{L}_][\p{L}\p{Nd}_]*$/u
const PORTABLE = /^[A-Za-z_][A-Za-z0-9_]*$/
const PORTABLE_SPACE = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/

export function isLegalName(name: string): boolean {
  return PORTABLE.test(name) || (LEGAL.test(name) && !hasSurrogates(name))
}

export function isPortableName(name: string): boolean {
  return PORTABLE.test(name)
}

function hasSurrogates(name: string): boolean {
  return name.length !== [...name].length
}

export function isLegalNamespace(namespace: string): boolean {
  return (
    namespace === '' || PORTABLE_SPACE.test(namespace) || namespace.replace(/\.+$/, '').split('.').every(isLegalName)
  )
}
