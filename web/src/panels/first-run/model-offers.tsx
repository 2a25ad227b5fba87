/** Three models that fit this machine, each one press away from its plan. */
import type { JSX } from 'preact'
import { addressOf, goTo } from '../../route.ts'
import { sizeText } from '../../text/numbers.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { Button } from '../../ui/button.tsx'
import { ErrorNote, Note } from '../../ui/note.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { Asked, useAsked } from '../../ui/use-asked.tsx'
import { useYard } from '../../yard/context.ts'
import type { YardView } from '../../yard/yard.ts'
import { candidatesOf, choose, type Room, roomOf, type Tier, tiers } from './choose.ts'
import { type Offer, offerOf } from './offer.ts'

interface Offered {
  readonly room: Room
  readonly offers: readonly { readonly tier: Tier; readonly offer: Offer }[]
}

export function ModelOffers({ hasEngine }: { readonly hasEngine: boolean }): JSX.Element {
  const { verbs } = useYard()
  const words = text.firstRun
  const asked = useAsked('offers', (signal) => findOffers(verbs, signal))
  return (
    <section class="stack" aria-labelledby="first-run-offers">
      <h2 id="first-run-offers">{words.offers}</h2>
      {!hasEngine && <p class="muted">{words.needsEngine}</p>}
      <Asked asked={asked} title={words.unread} skeleton={<Skeleton rows={3} rowHeight={64} />}>
        {({ room, offers }) =>
          offers.length === 0 ? (
            <Note tone="warn">{words.nothingFits(sizeText(room.memory))}</Note>
          ) : (
            <OfferList offers={offers} room={room} onRetry={asked.again} />
          )
        }
      </Asked>
      <p>
        <a href={addressOf('get')}>{words.other}</a>
      </p>
    </section>
  )
}

async function findOffers(verbs: YardView['verbs'], signal: AbortSignal): Promise<Offered> {
  const [catalog, hardware] = await Promise.all([verbs.catalog({ signal }), verbs.hardware({ signal })])
  const room = roomOf(hardware)
  const chosen = choose(candidatesOf(catalog), room)
  const found = await Promise.all(
    tiers.map(async (tier) => ({ tier, offer: await offerOf(chosen[tier], (repo) => verbs.hub.repository(repo, { signal })) })),
  )
  return { room, offers: found.flatMap(({ tier, offer }) => (offer ? [{ tier, offer }] : [])) }
}

function OfferList({ offers, room, onRetry }: Offered & { readonly onRetry: () => void }): JSX.Element {
  const words = text.firstRun
  const failed = offers.find(({ offer }) => offer.error !== undefined)
  const places = [words.memory(sizeText(room.memory)), room.gpu > 0 ? words.gpu(sizeText(room.gpu)) : words.noGpu]
  return (
    <>
      <p class="muted">{words.offersWhat(places.join(words.and))}</p>
      {failed && <ErrorNote title={words.hubSilent} error={failed.offer.error} onRetry={onRetry} />}
      <ul class="offers">
        {offers.map(({ tier, offer }) => (
          <OfferCard key={offer.repo} tier={tier} offer={offer} />
        ))}
      </ul>
    </>
  )
}

function OfferCard({ tier, offer }: { readonly tier: Tier; readonly offer: Offer }): JSX.Element {
  const words = text.firstRun
  const { entry, repo, gated, unsure } = offer
  const facts = [
    words.parameters(shown(entry.parameters, 40)),
    words.licence(shown(entry.licence, 60)),
    ...(gated ? [words.gated] : []),
    ...(unsure ? [words.unsure] : []),
  ]
  return (
    <li class="card offer">
      <div>
        <strong class="name">{shown(entry.name, 80)}</strong>
        <div class="muted small">{words.tier[tier]}</div>
      </div>
      <p class="small name">{shown(entry.what, 200)}</p>
      <p class="muted small name">{facts.join(' · ')}</p>
      <p class="muted small name">{shown(repo, 200)}</p>
      <GetOffer offer={offer} />
    </li>
  )
}

/** The way to its plan. */
function GetOffer({ offer: { entry, repo, quantization, bytes } }: { readonly offer: Offer }): JSX.Element {
  const words = text.firstRun
  const choice = quantization === undefined ? [] : [quantization]
  const label = quantization === undefined ? words.getAbout(sizeText(bytes)) : words.get(shown(quantization, 40), sizeText(bytes))
  return (
    <div>
      <Button onPress={() => goTo('get', ...repo.split('/'), ...choice)} icon="get">
        <span class="unseen">{words.getName(shown(entry.name, 80))}: </span>
        {label}
      </Button>
    </div>
  )
}
