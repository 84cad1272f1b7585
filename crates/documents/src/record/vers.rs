//! Version range specifiers as the events of a record.

use super::{Event, Order, Range};
use crate::versions::{Comparator, Range as Vers, Scheme};

/// Adds a range that is written as VERS.
///
/// # Errors
/// It is no VERS, or has a constraint that is no beginning or end.
pub(crate) fn add_vers(written: &str, ranges: &mut Vec<Range>) -> Result<(), String> {
    let vers = Vers::parse_lenient(written).map_err(|error| error.to_string())?;
    let order = match Scheme::from_name(vers.ty()) {
        Some(scheme) => Order::Scheme(scheme),
        None => Order::Other(vers.ty().to_owned()),
    };
    let mut events = Vec::new();
    if vers.is_any() {
        events.push(Event::Introduced("0".to_owned()));
    }
    for constraint in vers.constraints() {
        let version = constraint.version.clone();
        let starts = matches!(constraint.comparator, Comparator::GreaterOrEqual);
        if events.is_empty() && !starts {
            events.push(Event::Introduced("0".to_owned()));
        }
        match constraint.comparator {
            Comparator::GreaterOrEqual => events.push(Event::Introduced(version)),
            Comparator::Less => events.push(Event::Fixed(version)),
            Comparator::LessOrEqual => events.push(Event::LastAffected(version)),
            Comparator::Equal | Comparator::NotEqual | Comparator::Greater => {
                return Err(format!(
                    "the constraint {}{version} has no place among events",
                    constraint.comparator.as_str()
                ));
            }
        }
    }
    match ranges.last_mut().filter(|last| last.order == order) {
        // Intervals of one order are one list of events.
        Some(last) => last.events.extend(events),
        None => ranges.push(Range {
            order,
            repo: None,
            events,
        }),
    }
    Ok(())
}
