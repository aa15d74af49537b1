// Public holidays that date-holidays lacks for India and Indonesia, written in
// its own rule grammar and laid over its data. ../README.md names the sources.

const dates = (name, days) => Object.fromEntries(days.split(/\s+/).map((day) => [day, { name: { en: name } }]))
const rule = (name) => ({ name: { en: name } })

// The central government's compulsory holidays that follow a lunar calendar.
// India sights the moon a day after the calendar that date-holidays computes
// (2024 to 2026: in eleven of the twelve gazetted dates), hence '2 Shawwal'.
const india = {
  '2 Shawwal': rule('Id-ul-Fitr'),
  '11 Dhu al-Hijjah': { ...rule('Id-ul-Zuha'), disable: ['2026-05-28'], enable: ['2026-05-27'] },
  '11 Muharram': rule('Muharram'),
  '13 Rabi al-awwal': rule('Milad-un-Nabi'),
  ...dates('Mahavir Jayanti', `2024-04-21 2025-04-10 2026-03-31 2027-04-18 2028-04-07 2029-04-26 2030-04-16 2031-04-05
    2032-04-23 2033-04-12 2034-04-01 2035-04-20 2036-04-08 2037-03-29 2038-04-17 2039-04-07 2040-04-25`),
  ...dates('Buddha Purnima', `2024-05-23 2025-05-12 2026-05-01 2027-05-20 2028-05-08 2029-05-27 2030-05-17 2031-05-07
    2032-05-25 2033-05-14 2034-05-03 2035-05-22 2036-05-10 2037-04-29 2038-05-18 2039-05-08 2040-05-26`),
  ...dates('Dussehra', `2024-10-12 2025-10-02 2026-10-20 2027-10-09 2028-09-27 2029-10-16 2030-10-06 2031-10-25
    2032-10-14 2033-10-03 2034-10-22 2035-10-11 2036-09-29 2037-10-18 2038-10-07 2039-10-26 2040-10-15`),
  ...dates('Diwali', `2024-10-31 2025-10-20 2026-11-08 2027-10-29 2028-10-17 2029-11-05 2030-10-26 2031-11-14
    2032-11-02 2033-10-22 2034-11-10 2035-10-30 2036-10-18 2037-11-06 2038-10-27 2039-11-15 2040-11-04`),
  ...dates('Guru Nanak Jayanti', `2024-11-15 2025-11-05 2026-11-24 2027-11-14 2028-11-02 2029-11-21 2030-11-10 2031-11-28
    2032-11-17 2033-11-06 2034-11-25 2035-11-15 2036-11-04 2037-11-22 2038-11-11 2039-11-30 2040-11-18`)
}

// date-holidays lists these two up to 2027.
const indonesia = {
  ...dates('Nyepi', `2028-03-26 2029-03-15 2030-03-05 2031-03-24 2032-03-12 2033-03-31 2034-03-20 2035-03-10
    2036-03-28 2037-03-17 2038-03-06 2039-03-25 2040-03-14`),
  ...dates('Waisak', `2028-05-09 2029-05-27 2030-05-16 2031-06-04 2032-05-23 2033-05-13 2034-06-01 2035-05-22
    2036-05-10 2037-05-29 2038-05-18 2039-05-07 2040-05-25`)
}

// States that date-holidays lacks, and the codes that ISO 3166-2 uses today for
// those it has under an older one.
const missingStates = { JH: 'Jharkhand', LA: 'Ladakh' }
const renamedStates = { CG: 'CT', OD: 'OR', TS: 'TG', UK: 'UT' }

export function supplement({ holidays }) {
  const { IN, ID } = holidays
  for (const [country, days] of [[IN, india], [ID, indonesia]]) {
    for (const [key, day] of Object.entries(days)) {
      country.days[key] ??= day
    }
  }
  for (const [code, name] of Object.entries(missingStates)) IN.states[code] ??= { name, days: {} }
  for (const [code, old] of Object.entries(renamedStates)) IN.states[code] ??= IN.states[old]
}
