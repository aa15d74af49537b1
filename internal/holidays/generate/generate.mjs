// Writes ../table.txt: the whole-day public holidays of every country and
// subdivision of the npm package date-holidays, as differences from the set
// above them. ../README.md describes the format. The output depends on the
// locked packages alone, not on the machine's zone, locale or clock.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { supplement } from './supplement.mjs'

const require = createRequire(import.meta.url)
const { default: Holidays } = require('date-holidays-parser')
const packageDir = dirname(require.resolve('date-holidays/package.json'))
const read = (name) => readFileSync(join(packageDir, name), 'utf8')
const { version } = JSON.parse(read('package.json'))
const data = JSON.parse(read('data/holidays.json'))
supplement(data)

const FIRST_YEAR = 2024
const LAST_YEAR = 2040
const YEARS = Array.from({ length: LAST_YEAR - FIRST_YEAR + 1 }, (_, i) => FIRST_YEAR + i)
const HOUR = 3_600_000

// The days that a holiday fills from midnight to midnight. A day of daylight
// saving change has 23 or 25 hours, hence the slack; a half-day never counts.
function wholeDays(holiday) {
  const [, date, hour] = /^(\d{4}-\d\d-\d\d) (\d\d):/.exec(holiday.date)
  const from = Number(hour)
  const until = from + (holiday.end - holiday.start) / HOUR + 1.5
  const days = []
  for (let day = from === 0 ? 0 : 1; (day + 1) * 24 <= until; day++) {
    days.push(new Date(Date.parse(`${date}T00:00:00Z`) + day * 24 * HOUR).toISOString().slice(0, 10))
  }
  return days
}

// All holidays of a place as 'YYYY-MM-DD' strings. The year before the first
// one is asked too, for a holiday that lasts over New Year.
function daysOf(place) {
  const calendar = new Holidays(data, ...place, { types: ['public'] })
  const days = [FIRST_YEAR - 1, ...YEARS].flatMap((year) => calendar.getHolidays(year)).flatMap(wholeDays)
  return new Set(days.filter((day) => YEARS.includes(Number(day.slice(0, 4)))))
}

// '+* 0101' for a day of every year, '+2024 0329' for days of one.
function lines(sign, days) {
  const ofYear = (year) => [...days].filter((day) => day.startsWith(year)).map((day) => day.slice(5).replace('-', ''))
  const every = ofYear(FIRST_YEAR).filter((monthDay) => YEARS.every((year) => ofYear(year).includes(monthDay)))
  return [['*', every], ...YEARS.map((year) => [year, ofYear(year).filter((monthDay) => !every.includes(monthDay))])]
    .filter(([, monthDays]) => monthDays.length > 0)
    .map(([key, monthDays]) => `${sign}${key} ${monthDays.sort().join(' ')}\n`)
}

function block(place, parentDays, days) {
  const added = [...days].filter((day) => !parentDays.has(day))
  const removed = [...parentDays].filter((day) => !days.has(day))
  return [`${place.join('-').toUpperCase()}\n`, ...lines('-', removed), ...lines('+', added)].join('')
}

function subdivisions(place) {
  const lists = new Holidays(data)
  const codes = [lists.getStates, lists.getRegions][place.length - 1]?.apply(lists, place)
  return Object.keys(codes ?? {}).sort().map((code) => [...place, code])
}

function tree(place, parentDays) {
  const days = daysOf(place)
  return block(place, parentDays, days) + subdivisions(place).map((child) => tree(child, days)).join('')
}

const body = Object.keys(new Holidays(data).getCountries()).sort().map((country) => tree([country], new Set())).join('')
const sum = createHash('sha256').update(body).digest('hex')
const header = `holidays ${FIRST_YEAR} ${LAST_YEAR} date-holidays@${version} sha256:${sum}\n`
writeFileSync(new URL('../table.txt', import.meta.url), header + body)

// CC BY-SA asks for the credit to travel with the data.
const credit = /<attribution>\s*([\s\S]*?)\s*<\/attribution>/.exec(read('LICENSE'))[1]
writeFileSync(new URL('../ATTRIBUTION.txt', import.meta.url), `${credit}\n`)
