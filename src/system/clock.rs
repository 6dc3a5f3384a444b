//! What day it is.

use std::time::{SystemTime, UNIX_EPOCH};

/// Days since 1970-01-01, in UTC; those of `SOURCE_DATE_EPOCH` where it is set, so that the same input gives the same
/// output on any day (<https://reproducible-builds.org/specs/source-date-epoch/>).
#[must_use]
pub fn days() -> i64 {
    let given = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse().ok());
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let seconds: u64 = given.unwrap_or_else(now);
    i64::try_from(seconds / 86_400).unwrap_or(0)
}

/// The current year, in UTC.
#[must_use]
pub fn year() -> i16 {
    i16::try_from(civil(days()).0).unwrap_or(1970)
}

/// Today as `YYYY-MM-DD`, in UTC.
#[must_use]
pub fn today() -> String {
    let (year, month, day) = civil(days());
    format!("{year:04}-{month:02}-{day:02}")
}

/// Year, month and day of the proleptic Gregorian calendar from days since 1970-01-01: years are counted from March, so
/// that the leap day comes last.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_become_dates() {
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(19_782), (2024, 2, 29));
        assert_eq!(civil(20_780), (2026, 11, 23));
        assert_eq!(civil(-1), (1969, 12, 31));
    }
}
