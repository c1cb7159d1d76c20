//! Which events the log's page is asked for: the address as a filter.

use super::event::Action;
use super::filter::Filter;
use crate::clock::day_begins;
use crate::web::query::{Chip, Query};
use chrono::{Datelike, Days, NaiveDate};
use chrono_tz::Tz;
use uuid::Uuid;

/// What an address asks for. What it says wrongly is ignored: an old bookmark shows the log, not an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) action: Option<Action>,
    /// The whole name.
    pub(super) actor: Option<String>,
    /// The first day, in the store's zone.
    pub(super) from: Option<NaiveDate>,
    /// The last day, in the store's zone.
    pub(super) to: Option<NaiveDate>,
    pub(super) group: AskedGroup,
}

/// The group as the form names it: the id that was picked, and the text that stands in the field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct AskedGroup {
    pub(super) id: Option<Uuid>,
    pub(super) text: Option<String>,
}

/// The group that is meant, once it was looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Meant {
    /// None: events of all kinds.
    #[default]
    Any,
    /// This one, also where it is deleted.
    Group { id: Uuid, name: String },
    /// One that doesn't exist.
    Unknown(String),
}

impl Asked {
    pub(super) fn of(query: &Query) -> Self {
        let text = |name| {
            let text: String = query.get(name).chars().filter(|c| *c != '\0').take(200).collect();
            Some(text.trim().to_owned()).filter(|text| !text.is_empty())
        };
        Self {
            action: Action::from_name(query.get("action")),
            actor: text("actor"),
            from: day(query.get("from")),
            to: day(query.get("to")),
            group: AskedGroup { id: Uuid::try_parse(query.get("group")).ok(), text: text("group_text") },
        }
    }

    /// The filter for the database; `None` where nothing can match.
    pub(super) fn filter(&self, meant: &Meant, zone: Tz) -> Option<Filter> {
        let group_id = match meant {
            Meant::Any => None,
            Meant::Group { id, .. } => Some(*id),
            Meant::Unknown(_) => return None,
        };
        Some(Filter {
            group_id,
            subject: None,
            action: self.action,
            actor_name: self.actor.clone(),
            from: self.from.map(|day| day_begins(day, zone)),
            until: self.to.and_then(|day| day.checked_add_days(Days::new(1))).map(|day| day_begins(day, zone)),
        })
    }

    /// The filters that are on.
    pub(super) fn chips(&self, query: &Query, meant: &Meant) -> Vec<Chip> {
        let mut chips = Vec::new();
        let mut add = |name: &str, label: &str, value: Option<&str>| {
            chips.extend(value.map(|value| query.chip(name, label, value)));
        };
        add("action", "Action", self.action.map(Action::label));
        add("actor", "By", self.actor.as_deref());
        add("from", "From", self.from.map(|day| day.to_string()).as_deref());
        add("to", "To", self.to.map(|day| day.to_string()).as_deref());
        let group = match meant {
            Meant::Any => None,
            Meant::Group { name, .. } | Meant::Unknown(name) => Some(name),
        };
        chips.extend(group.map(|name| Chip {
            label: "Group".into(),
            value: name.clone(),
            without: query.without("group").without("group_text").url(),
        }));
        chips
    }
}

impl AskedGroup {
    /// Which group is meant. A text that is another than the picked group's name was typed over it, without scripts,
    /// and counts. `name_of` gives a group's name, `find` the id of a live group by its exact name or code.
    pub(super) fn meant<E>(
        &self,
        name_of: impl FnOnce(Uuid) -> Result<Option<String>, E>,
        find: impl FnOnce(&str) -> Result<Option<Uuid>, E>,
    ) -> Result<Meant, E> {
        let picked = match self.id {
            Some(id) => name_of(id)?.map(|name| Meant::Group { id, name }),
            None => None,
        };
        Ok(match (&self.text, picked) {
            (None, None) if self.id.is_none() => Meant::Any,
            (None, None) => Meant::Unknown("one that doesn't exist".into()),
            (None, Some(picked)) => picked,
            (Some(text), Some(Meant::Group { id, name })) if *text == name => Meant::Group { id, name },
            (Some(text), _) => match find(text)? {
                Some(id) => Meant::Group { id, name: text.clone() },
                None => Meant::Unknown(text.clone()),
            },
        })
    }
}

fn day(text: &str) -> Option<NaiveDate> {
    text.parse::<NaiveDate>().ok().filter(|day| (1900..=9999).contains(&day.year()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str) -> Asked {
        Asked::of(&Query::new("/audit", query))
    }

    #[test]
    fn an_address_says_what_is_asked() {
        let id = Uuid::now_v7();
        let whole = asked(&format!(
            "action=group.created&actor=+Ann+Lee+&from=2026-03-01&to=2026-03-31&group={id}&group_text=VIP"
        ));
        assert_eq!(whole.action, Some(Action::GroupCreated));
        assert_eq!(whole.actor.as_deref(), Some("Ann Lee"));
        assert_eq!(whole.group, AskedGroup { id: Some(id), text: Some("VIP".into()) });
        let filter = whole.filter(&Meant::Group { id, name: "VIP".into() }, Tz::America__New_York).unwrap();
        assert_eq!(filter.from.unwrap().to_rfc3339(), "2026-03-01T05:00:00+00:00");
        assert_eq!(filter.until.unwrap().to_rfc3339(), "2026-04-01T04:00:00+00:00", "the last day counts whole");
        assert_eq!((filter.group_id, filter.actor_name.as_deref()), (Some(id), Some("Ann Lee")));
    }

    #[test]
    fn what_is_wrong_is_ignored() {
        let wrong = asked("action=boom&from=yesterday&to=%2B99999-01-01&group=VIP&actor=%00");
        assert_eq!(wrong, Asked::default());
    }

    #[test]
    fn the_group_is_the_picked_one_unless_another_was_typed() {
        let (vip, retail) = (Uuid::now_v7(), Uuid::now_v7());
        let name_of = |id: Uuid| Ok::<_, ()>((id == vip).then(|| "VIP".to_owned()));
        let find = |text: &str| Ok::<_, ()>((text == "Retail").then_some(retail));
        let group = |id, name: &str| Meant::Group { id, name: name.into() };
        for (id, text, meant) in [
            (None, None, Meant::Any),
            (Some(vip), None, group(vip, "VIP")),
            (Some(vip), Some("VIP"), group(vip, "VIP")),
            (Some(vip), Some("Retail"), group(retail, "Retail")),
            (Some(vip), Some("Nobody"), Meant::Unknown("Nobody".into())),
            (None, Some("Retail"), group(retail, "Retail")),
            (Some(retail), None, Meant::Unknown("one that doesn't exist".into())),
        ] {
            let asked = AskedGroup { id, text: text.map(str::to_owned) };
            assert_eq!(asked.meant(name_of, find), Ok(meant), "{asked:?}");
        }
        assert!(Asked::default().filter(&Meant::Unknown("x".into()), Tz::UTC).is_none());
    }

    #[test]
    fn a_chip_takes_its_filter_away() {
        let query = Query::new("/audit", "action=user.signed_in&group_text=VIP&group=x&actor=Ann");
        let meant = Meant::Group { id: Uuid::now_v7(), name: "VIP".into() };
        let chips: Vec<_> = Asked::of(&query)
            .chips(&query, &meant)
            .into_iter()
            .map(|chip| format!("{}={} {}", chip.label, chip.value, chip.without))
            .collect();
        assert_eq!(
            chips,
            [
                "Action=Signed in /audit?group_text=VIP&group=x&actor=Ann",
                "By=Ann /audit?action=user.signed_in&group_text=VIP&group=x",
                "Group=VIP /audit?action=user.signed_in&actor=Ann",
            ]
        );
    }
}
