//! The kinds of events.

use serde_json::Value;
use uuid::Uuid;

/// What happened, as receivers know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A group was made.
    GroupCreated,
    /// A group's fields, settings, price lists or rule were changed.
    GroupUpdated,
    /// A group got another parent.
    GroupMoved,
    /// A group was (softly) deleted.
    GroupDeleted,
    /// A deleted group came back.
    GroupRestored,
    /// Customers joined a group: by hand, by rule, by an import.
    MembersAdded,
    /// Customers left a group.
    MembersRemoved,
    /// A price list was made.
    PriceListCreated,
    /// A price list's own fields were changed.
    PriceListUpdated,
    /// A price list was deleted.
    PriceListDeleted,
    /// Prices of a list were added, changed or removed.
    PriceListEntriesChanged,
    /// A promotion was made.
    PromotionCreated,
    /// A promotion was changed.
    PromotionUpdated,
    /// A promotion was deleted.
    PromotionDeleted,
    /// Nothing happened: somebody wants to see whether it arrives.
    Test,
}

impl Kind {
    /// What a webhook can ask for, in the order in which it is shown. [`Kind::Test`] is sent to who asks for it.
    pub const ALL: [Self; 14] = [
        Self::GroupCreated,
        Self::GroupUpdated,
        Self::GroupMoved,
        Self::GroupDeleted,
        Self::GroupRestored,
        Self::MembersAdded,
        Self::MembersRemoved,
        Self::PriceListCreated,
        Self::PriceListUpdated,
        Self::PriceListDeleted,
        Self::PriceListEntriesChanged,
        Self::PromotionCreated,
        Self::PromotionUpdated,
        Self::PromotionDeleted,
    ];

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().chain([Self::Test]).find(|kind| kind.name() == name)
    }

    /// Its name, as it is stored and sent.
    pub fn name(self) -> &'static str {
        match self {
            Self::GroupCreated => "group.created",
            Self::GroupUpdated => "group.updated",
            Self::GroupMoved => "group.moved",
            Self::GroupDeleted => "group.deleted",
            Self::GroupRestored => "group.restored",
            Self::MembersAdded => "group.members.added",
            Self::MembersRemoved => "group.members.removed",
            Self::PriceListCreated => "price_list.created",
            Self::PriceListUpdated => "price_list.updated",
            Self::PriceListDeleted => "price_list.deleted",
            Self::PriceListEntriesChanged => "price_list.entries.changed",
            Self::PromotionCreated => "promotion.created",
            Self::PromotionUpdated => "promotion.updated",
            Self::PromotionDeleted => "promotion.deleted",
            Self::Test => "webhook.test",
        }
    }

    /// When it is sent, for people who choose.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::GroupCreated => "A group is made",
            Self::GroupUpdated => "A group's fields, settings, price lists or rule change",
            Self::GroupMoved => "A group gets another parent",
            Self::GroupDeleted => "A group is deleted",
            Self::GroupRestored => "A deleted group comes back",
            Self::MembersAdded => "Customers join a group, by hand, by rule or by an import",
            Self::MembersRemoved => "Customers leave a group",
            Self::PriceListCreated => "A price list is made",
            Self::PriceListUpdated => "A price list's own fields change",
            Self::PriceListDeleted => "A price list is deleted",
            Self::PriceListEntriesChanged => "Prices of a list are added, changed or removed",
            Self::PromotionCreated => "A promotion is made",
            Self::PromotionUpdated => "A promotion changes",
            Self::PromotionDeleted => "A promotion is deleted",
            Self::Test => "Somebody sends a test event",
        }
    }

    /// What the thing it is about is called in the event's data.
    pub fn subject(self) -> &'static str {
        match self {
            Self::GroupCreated
            | Self::GroupUpdated
            | Self::GroupMoved
            | Self::GroupDeleted
            | Self::GroupRestored
            | Self::MembersAdded
            | Self::MembersRemoved => "group",
            Self::PriceListCreated
            | Self::PriceListUpdated
            | Self::PriceListDeleted
            | Self::PriceListEntriesChanged => "priceList",
            Self::PromotionCreated | Self::PromotionUpdated | Self::PromotionDeleted => "promotion",
            Self::Test => "webhook",
        }
    }

    /// Under which heading it is chosen.
    pub fn heading(self) -> &'static str {
        match self {
            Self::MembersAdded | Self::MembersRemoved => "Members",
            kind => match kind.subject() {
                "group" => "Groups",
                "priceList" => "Price lists",
                "promotion" => "Promotions",
                _ => "Tests",
            },
        }
    }
}

/// Something that happened to a group, a price list or a promotion.
#[derive(Clone, Debug, PartialEq)]
pub struct Happened {
    /// What.
    pub kind: Kind,
    /// To which one.
    pub subject: Uuid,
    /// The names of the fields that changed, where it was changed.
    pub changed: Vec<String>,
    /// What is left to tell of it where it is gone: an object.
    pub last: Option<Value>,
}

/// A field's name as JSON of the API has it: `valid_from` and `prices added` are `validFrom` and `pricesAdded`.
pub fn camel_case(name: &str) -> String {
    let mut words = name.split(['_', ' ']).filter(|word| !word.is_empty());
    let mut out = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        out.extend(letters.next().into_iter().flat_map(char::to_uppercase));
        out.push_str(letters.as_str());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_known_by_its_name() {
        for kind in Kind::ALL.into_iter().chain([Kind::Test]) {
            assert_eq!(Kind::from_name(kind.name()), Some(kind));
            assert!(!kind.meaning().is_empty());
        }
        assert_eq!(Kind::from_name("group.exploded"), None);
        assert!(!Kind::ALL.contains(&Kind::Test));
    }

    #[test]
    fn fields_are_called_as_in_json() {
        for (name, called) in
            [("name", "name"), ("valid_from", "validFrom"), ("prices added", "pricesAdded"), ("", ""), ("_a", "a")]
        {
            assert_eq!(camel_case(name), called);
        }
    }
}
