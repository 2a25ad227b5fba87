/** Where a person can look at the repository a model is from; undefined for what is no name of one. Pure. */
const ownerAndName = /^[A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9][\w.-]{0,95}$/

export const hubLinkOf = (repo: string): string | undefined => (ownerAndName.test(repo) ? `https://huggingface.co/${repo}` : undefined)
