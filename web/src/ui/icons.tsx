/** The icons: drawn by lines on 16 units in the colour of the text. A word stands beside each, or names its button. */
import type { JSX } from 'preact'

const paths = {
  switch: 'M2 5h11M10 2l3 3-3 3M14 11H3M6 8l-3 3 3 3',
  get: 'M8 2v8M4.5 6.5 8 10l3.5-3.5M2.5 13.5h11',
  models: 'M8 1.8 14 5 8 8.2 2 5 8 1.8ZM2 8l6 3.2L14 8M2 11l6 3.2L14 11',
  try: 'M2 3h12v8H7l-3 3v-3H2z',
  activity: 'M1.5 8.5h3l2-5 3 9 2-4h3',
  connect: 'M6 9.5 9.5 6M5 7 3.4 8.6a2.8 2.8 0 0 0 4 4L9 11M11 9l1.6-1.6a2.8 2.8 0 0 0-4-4L7 5',
  settings: 'M2 4.5h7M12 4.5h2M2 11.5h2M7 11.5h7M10.5 3v3M5.5 10v3',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  good: 'M2.5 8.5 6 12l7.5-8',
  bad: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  warn: 'M8 2 15 14H1L8 2ZM8 6.5v3.5M8 12h.01',
  working: 'M8 2a6 6 0 1 0 6 6',
  empty: 'M8 3a5 5 0 1 0 .01 0Z',
  filled: 'M8 4a4 4 0 1 0 .01 0Z',
  search: 'M7 2.5a4.5 4.5 0 1 0 .01 0ZM10.5 10.5 14 14',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  eject: 'M8 3l5 6H3l5-6ZM3 12.5h10',
  pin: 'M6 2h4l-.5 4L12 8.5H4L6.5 6 6 2ZM8 8.5V14',
  pause: 'M5.5 3v10M10.5 3v10',
  play: 'M4.5 3 13 8l-8.5 5V3Z',
  stop: 'M4 4h8v8H4z',
  remove: 'M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.7 9h6.6l.7-9',
  link: 'M6 3H3v10h10v-3M9 3h4v4M13 3 7.5 8.5',
  theme: 'M8 2a6 6 0 1 0 .01 0ZM8 2v12',
  chevron: 'M6 3.5 10.5 8 6 12.5',
  add: 'M8 3v10M3 8h10',
} as const

export type IconName = keyof typeof paths

export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg
      class="icon-mark"
      viewBox="0 0 16 16"
      fill={name === 'filled' ? 'currentColor' : 'none'}
      stroke="currentColor"
      stroke-width={name === 'more' ? 2.4 : 1.5}
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  )
}
