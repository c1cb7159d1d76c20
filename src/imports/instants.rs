//! Dates and times as files write them, read in the store's zone (SPEC 1 and 11).

use super::values::Fault;
use crate::clock::store_day;
use chrono::{
    DateTime, Datelike, FixedOffset, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone, Utc,
};
use chrono_tz::Tz;

/// An instant, and whether its local time came twice that day, when the clocks went back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The instant; of two with the same local time the first.
    pub at: DateTime<Utc>,
    /// Whether there was a second one.
    pub ambiguous: bool,
}

/// Reads ISO 8601, with `T` or a space before the time, seconds, their fraction and the offset optional:
/// `2010-12-01`, `2010-12-01 08:26:00`, `2010-12-01T08:26:00.5+01:00`. Without an offset it is the store's local time;
/// a date is its midnight, or the first moment of the day where the clocks skip midnight.
///
/// # Errors
/// A text of another form, a day or time that isn't in the calendar, and a local time that the clocks skip.
pub fn instant(text: &str, zone: Tz) -> Result<Moment, Fault> {
    let moment = moment(text, zone)?;
    // The offset may lead out of the years that were read.
    if moment.at.year() > 9999 { Err(not_a_time(text)) } else { Ok(moment) }
}

fn moment(text: &str, zone: Tz) -> Result<Moment, Fault> {
    let (day, rest) = day_of(text)?;
    if rest.is_empty() {
        return Ok(start_of_day(day, zone));
    }
    let (time, offset) = time_of(rest).ok_or_else(|| not_a_time(text))?;
    let local = NaiveDateTime::new(day, time);
    match offset {
        Some(offset) => {
            let at = local.and_local_timezone(offset).single().ok_or_else(|| not_a_time(text))?;
            Ok(Moment { at: at.with_timezone(&Utc), ambiguous: false })
        }
        None => match zone.from_local_datetime(&local) {
            LocalResult::Single(at) => Ok(Moment { at: at.with_timezone(&Utc), ambiguous: false }),
            LocalResult::Ambiguous(first, _) => Ok(Moment { at: first.with_timezone(&Utc), ambiguous: true }),
            LocalResult::None => Err(Fault::new(
                "is a time that the clocks skip",
                format!(
                    "“{text}” does not exist in {zone}: the clocks go forward over it. Add an offset, such as {text}Z"
                ),
            )),
        },
    }
}

/// Reads a day: a date, or the store's day of an instant.
///
/// # Errors
/// As [`instant`].
pub fn day(text: &str, zone: Tz) -> Result<NaiveDate, Fault> {
    let (day, rest) = day_of(text)?;
    if rest.is_empty() { Ok(day) } else { Ok(store_day(instant(text, zone)?.at, zone)) }
}

fn start_of_day(day: NaiveDate, zone: Tz) -> Moment {
    let mut local = day.and_time(NaiveTime::MIN);
    // Zones change by at most a few hours, in steps of minutes; the first that exists ends the gap.
    for _ in 0..24 * 60 {
        match zone.from_local_datetime(&local) {
            LocalResult::Single(at) => return Moment { at: at.with_timezone(&Utc), ambiguous: false },
            // Of a midnight that comes twice the first is the day's beginning: nothing to warn about.
            LocalResult::Ambiguous(first, _) => return Moment { at: first.with_timezone(&Utc), ambiguous: false },
            LocalResult::None => local += chrono::Duration::minutes(1),
        }
    }
    Moment { at: (local - zone.offset_from_utc_datetime(&local).fix()).and_utc(), ambiguous: false }
}

fn not_a_time(text: &str) -> Fault {
    Fault::new(
        "is not a date or time",
        format!("“{text}” is not a date or time: write it like 2026-01-31 or 2026-01-31 14:30:00"),
    )
}

fn day_of(text: &str) -> Result<(NaiveDate, &str), Fault> {
    let bytes = text.as_bytes();
    let date = || {
        if bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
            return None;
        }
        let (year, month, day) = (digits(bytes, 0, 4)?, digits(bytes, 5, 2)?, digits(bytes, 8, 2)?);
        // A year before 1900 is a slip (0201 for 2010), not history.
        let year = i32::try_from(year).ok().filter(|year| *year >= 1900)?;
        NaiveDate::from_ymd_opt(year, month, day)
    };
    let day = date().ok_or_else(|| not_a_time(text))?;
    // Ten ASCII bytes were just read.
    Ok((day, text.get(10..).unwrap_or_default()))
}

/// `T08:26`, ` 08:26:00.25Z`, `T08:26:00+0530`.
fn time_of(rest: &str) -> Option<(NaiveTime, Option<FixedOffset>)> {
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let split = rest.find(['Z', 'z', '+', '-', '\u{2212}']).unwrap_or(rest.len());
    let (clock, offset) = rest.split_at(split);
    let clock = clock.trim_end();
    let (whole, fraction) = clock.split_once(['.', ',']).unwrap_or((clock, ""));
    let bytes = whole.as_bytes();
    let (hour, minute) = (digits(bytes, 0, 2)?, digits(bytes, 3, 2)?);
    let second = match bytes.len() {
        5 if fraction.is_empty() && clock.len() == 5 => 0,
        8 if bytes[5] == b':' => digits(bytes, 6, 2)?,
        _ => return None,
    };
    if bytes[2] != b':' || (clock.len() > whole.len() && fraction.is_empty()) {
        return None;
    }
    let micros = match fraction.len() {
        0 => 0,
        // PostgreSQL keeps microseconds; what is finer is cut off.
        length @ 1..=9 => digits(fraction.as_bytes(), 0, length.min(6))? * 10u32.pow(6 - length.min(6) as u32),
        _ => return None,
    };
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let time = NaiveTime::from_hms_micro_opt(hour, minute, second, micros)?;
    if offset.is_empty() { Some((time, None)) } else { Some((time, Some(offset_of(offset)?))) }
}

fn offset_of(text: &str) -> Option<FixedOffset> {
    if text == "Z" || text == "z" {
        return FixedOffset::east_opt(0);
    }
    let (sign, digits_of) = match text.strip_prefix('+') {
        Some(rest) => (1, rest),
        None => (-1, text.strip_prefix(['-', '\u{2212}'])?),
    };
    let bytes = digits_of.as_bytes();
    let hours = digits(bytes, 0, 2)?;
    let minutes = match bytes.len() {
        2 => 0,
        4 => digits(bytes, 2, 2)?,
        5 if bytes[2] == b':' => digits(bytes, 3, 2)?,
        _ => return None,
    };
    if minutes > 59 {
        return None;
    }
    FixedOffset::east_opt(sign * i32::try_from(hours * 3600 + minutes * 60).ok()?)
}

fn digits(bytes: &[u8], from: usize, length: usize) -> Option<u32> {
    bytes
        .get(from..from + length)?
        .iter()
        .try_fold(0u32, |value, byte| byte.is_ascii_digit().then(|| value * 10 + u32::from(byte - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn times_are_read_in_the_store_s_zone_unless_they_have_an_offset() {
        let cases = [
            ("2010-12-01 08:26:00", Tz::UTC, "2010-12-01T08:26:00Z"),
            ("2010-12-01T08:26", Tz::UTC, "2010-12-01T08:26:00Z"),
            ("2010-12-01 08:26:00", Tz::America__New_York, "2010-12-01T13:26:00Z"),
            ("2010-07-01", Tz::Europe__Berlin, "2010-06-30T22:00:00Z"),
            ("2010-12-01T08:26:00Z", Tz::America__New_York, "2010-12-01T08:26:00Z"),
            ("2010-12-01T08:26:00+05:30", Tz::UTC, "2010-12-01T02:56:00Z"),
            ("2010-12-01 08:26:00 +0100", Tz::UTC, "2010-12-01T07:26:00Z"),
            ("2010-12-01T08:26:00-03", Tz::UTC, "2010-12-01T11:26:00Z"),
            ("2010-12-01T08:26:00.5Z", Tz::UTC, "2010-12-01T08:26:00.5Z"),
            ("2010-12-01T08:26:00.123456789Z", Tz::UTC, "2010-12-01T08:26:00.123456Z"),
            ("9999-12-31", Tz::UTC, "9999-12-31T00:00:00Z"),
        ];
        for (text, zone, expected) in cases {
            assert_eq!(instant(text, zone), Ok(Moment { at: utc(expected), ambiguous: false }), "{text}");
        }
    }

    #[test]
    fn hours_that_the_clocks_skip_or_repeat() {
        let berlin = Tz::Europe__Berlin;
        let skipped = instant("2021-03-28 02:30:00", berlin).unwrap_err();
        assert!(skipped.message.contains("does not exist in Europe/Berlin"), "{}", skipped.message);
        let twice = instant("2021-10-31 02:30:00", berlin).unwrap();
        assert_eq!(twice, Moment { at: utc("2021-10-31T00:30:00Z"), ambiguous: true });
        // In São Paulo midnight itself was skipped: the day began at one.
        let day = instant("2018-11-04", Tz::America__Sao_Paulo).unwrap();
        assert_eq!(day, Moment { at: utc("2018-11-04T03:00:00Z"), ambiguous: false });
    }

    #[test]
    fn a_day_of_an_instant_is_the_store_s_day() {
        assert_eq!(day("2010-12-01", Tz::Asia__Tokyo), Ok(NaiveDate::from_ymd_opt(2010, 12, 1).unwrap()));
        assert_eq!(day("2010-12-01T20:00:00Z", Tz::Asia__Tokyo), Ok(NaiveDate::from_ymd_opt(2010, 12, 2).unwrap()));
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "",
            "12/01/2010",
            "2010-13-01",
            "2010-02-30",
            "2010-1-1",
            "1010-01-01",
            "20101201",
            "2010-12-01 8:26",
            "2010-12-01 25:00:00",
            "2010-12-01 08:60:00",
            "2010-12-01 08:26:60",
            "2010-12-01x08:26:00",
            "2010-12-01T08:26:00.",
            "2010-12-01T08:26.5",
            "2010-12-01T08:26:00+24:00",
            "2010-12-01T08:26:00+01:75",
            "2010-12-01T08:26:00+1",
            "2010-12-01T08:26:00 PM",
            "2010-12-01 é",
            "2010-12-é",
            "2010-12-01T",
            "infinity",
        ] {
            let fault = instant(text, Tz::UTC).unwrap_err();
            assert_eq!(fault.cause, "is not a date or time", "{text}");
        }
    }
}
