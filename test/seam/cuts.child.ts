import { bootFiles } from '../helpers/files-machine.ts'

// Runs the stages in a process that can be killed: node cuts.child.ts ROOT RUN ORIGIN
const [root = '', run = '', origin = ''] = process.argv.slice(2)
process.umask(0o022)
await bootFiles({ machine: { root, run }, origin })
