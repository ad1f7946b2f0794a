import { IgnitionError } from '../errors.ts'
import type { Fetcher } from '../resources/settings.ts'
import { withinTime } from '../resources/within-time.ts'
import type { System } from '../system/system.ts'
import { post, sendSeconds } from './webhook.ts'

/** The host's own service: <https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16>. */
const wireServer = 'http://168.63.129.16'

const headers = [
  { name: 'x-ms-agent-name', value: 'Firstlight' },
  { name: 'x-ms-version', value: '2012-11-30' },
]

/** Longest description that the portal shows, in characters; other agents keep to it too. */
const longestDescription = 512

/** Tells Azure that the machine is ready, or why it is not. Throws what goes wrong. */
export async function reportToAzure(
  system: System,
  fetcher: Fetcher,
  failure: string | undefined,
): Promise<void> {
  const goalState = await askForGoalState(system, fetcher)
  await post(system, fetcher, {
    url: `${wireServer}/machine?comp=health`,
    type: 'text/xml;charset=utf-8',
    headers,
    body: healthReport(goalState, failure),
  })
}

interface GoalState {
  readonly incarnation: string
  readonly container: string
  readonly instance: string
}

async function askForGoalState(system: System, fetcher: Fetcher): Promise<GoalState> {
  const url = `${wireServer}/machine?comp=goalstate`
  const late = (cause: unknown) =>
    new IgnitionError({
      code: 'FL_FETCH_TIMEOUT',
      message: `${url}: no answer within ${sendSeconds} s`,
      cause,
    })
  const { body } = await withinTime({ system, seconds: sendSeconds, late }, async (signal) =>
    fetcher.ask({ url, headers, ...(signal ? { signal } : {}) }),
  )
  const text = new TextDecoder().decode(body)
  const element = (name: string): string => {
    const [, value] = new RegExp(`<${name}>\\s*([^<]+?)\\s*</${name}>`).exec(text) ?? []
    if (value !== undefined) return value
    throw new IgnitionError({ code: 'FL_FETCH', message: `${url} has no ${name}` })
  }
  return {
    incarnation: element('Incarnation'),
    container: element('ContainerId'),
    instance: element('InstanceId'),
  }
}

/** What comes from the goal state is XML already. */
function healthReport({ incarnation, container, instance }: GoalState, failure: string | undefined): string {
  const health =
    failure === undefined
      ? '<State>Ready</State>'
      : '<State>NotReady</State><Details><SubStatus>ProvisioningFailed</SubStatus>' +
        `<Description>${escapeXml(failure.slice(0, longestDescription))}</Description></Details>`
  return (
    '<?xml version="1.0" encoding="utf-8"?>' +
    '<Health xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">' +
    `<GoalStateIncarnation>${incarnation}</GoalStateIncarnation>` +
    `<Container><ContainerId>${container}</ContainerId><RoleInstanceList><Role>` +
    `<InstanceId>${instance}</InstanceId><Health>${health}</Health>` +
    '</Role></RoleInstanceList></Container></Health>'
  )
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Control characters are not allowed in XML 1.0 at all. */
const escapeXml = (text: string): string =>
  text.replace(/[^\t\n\r -\ud7ff\ue000-\ufffd]/g, ' ').replace(/[&<>"]/g, (found) => entities[found] ?? '')
